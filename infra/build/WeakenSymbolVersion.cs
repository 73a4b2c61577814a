using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks a symbol version that a shared library (64-bit little-endian ELF) needs as weak, so that a dynamic linker without it loads the
/// library all the same. libLibTorchSharp.so names GLIBCXX_3.4.32 for a marker symbol that nothing calls, and Debian 12's libstdc++ ends at
/// 3.4.30.
/// </summary>
/// <remarks>
/// Elf64_Verneed and Elf64_Vernaux as in the Linux Standard Base, "Symbol Versioning". The file is replaced, never written in place: it may
/// be a hard link to the package, or mapped by a running process. A file that is no such library, or does not need the version, stays as it
/// is.
/// </remarks>
public sealed class WeakenSymbolVersion : Task
{
    private const uint VersionNeeds = 0x6ffffffe;
    private const int WeakFlag = 2;

    [Required]
    public string Library { get; set; }

    [Required]
    public string Version { get; set; }

    public override bool Execute()
    {
        var bytes = File.ReadAllBytes(Library);
        if (!Weaken(bytes))
        {
            return true;
        }

        var temporary = Library + ".new";
        File.WriteAllBytes(temporary, bytes);
        File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(Library));
        File.Delete(Library);
        File.Move(temporary, Library);
        Log.LogMessage(MessageImportance.Normal, "{0}: {1} is weak now", Library, Version);
        return true;
    }

    private bool Weaken(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
        {
            return false;
        }

        var sections = checked((int)BitConverter.ToInt64(elf, 0x28));
        int size = BitConverter.ToUInt16(elf, 0x3a), count = BitConverter.ToUInt16(elf, 0x3c);
        var changed = false;
        for (var i = 0; i < count; i++)
        {
            var section = sections + (i * size);
            if (BitConverter.ToUInt32(elf, section + 4) == VersionNeeds)
            {
                var strings = sections + (checked((int)BitConverter.ToUInt32(elf, section + 0x28)) * size);
                changed |= WeakenNeeds(elf, Offset(elf, section), Offset(elf, strings));
            }
        }

        return changed;
    }

    private bool WeakenNeeds(byte[] elf, int need, int strings)
    {
        var changed = false;
        for (var next = -1; next != 0; need += next)
        {
            var entry = need + checked((int)BitConverter.ToUInt32(elf, need + 8));
            for (int left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
            {
                if ((elf[entry + 4] & WeakFlag) == 0 && Text(elf, strings + checked((int)BitConverter.ToUInt32(elf, entry + 8))) == Version)
                {
                    elf[entry + 4] |= WeakFlag;
                    changed = true;
                }

                entry += checked((int)BitConverter.ToUInt32(elf, entry + 12));
            }

            next = checked((int)BitConverter.ToUInt32(elf, need + 12));
        }

        return changed;
    }

    private static int Offset(byte[] elf, int section)
    {
        return checked((int)BitConverter.ToInt64(elf, section + 0x18));
    }

    private static string Text(byte[] elf, int start)
    {
        return Encoding.ASCII.GetString(elf, start, Array.IndexOf(elf, (byte)0, start) - start);
    }
}
