using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Learning.Features;

/// <summary>
/// Features of pictures, kept in files between runs: by backbone, by what computes it, and by the bytes of the picture. It is only ever a
/// shortcut. A file that is damaged or gone is a feature that is computed again, and a folder that cannot be written keeps nothing.
/// </summary>
/// <remarks>
/// <c>FOLDER/KEY/*.features</c>; a file is written once, whole, and never changed, so any number of processes may read and write at once.
/// Safe for any number of threads.
/// </remarks>
public sealed class FeatureCache : IDisposable
{
    private const string FileEnding = ".features";
    private const string UnfinishedEnding = ".new";

    // Few enough that an interrupted run loses little, and that a damaged file costs little.
    private const int RowsPerFile = 1_024;

    private static readonly TimeSpan UnfinishedFor = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, (string Path, int Row)> _rows = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private FeatureFile _next;
    private int _hits;

    private FeatureCache(string root, string key, int dimension, long maxBytes, TimeProvider time)
    {
        (_root, _folder, _maxBytes, _time) = (root, Path.Combine(root, key), maxBytes, time);
        _next = new FeatureFile(dimension);
    }

    /// <summary>How many features were found.</summary>
    public int Hits => _hits;

    /// <param name="folder">Made when it is not there.</param>
    /// <param name="maxBytes">What all files in it may take; the ones that were not used for longest go first.</param>
    /// <param name="session">The backbone as it is run.</param>
    /// <param name="time">Clock.</param>
    public static FeatureCache Open(string folder, long maxBytes, BackboneSession session, TimeProvider time)
    {
        var cache = new FeatureCache(folder, KeyOf(session), session.Spec.FeatureDim, maxBytes, time);
        cache.Load();
        return cache;
    }

    /// <summary>Looks for a feature.</summary>
    /// <param name="sha256">SHA-256 of the picture's bytes.</param>
    /// <param name="feature">Filled when it is there.</param>
    public bool TryRead(ReadOnlySpan<byte> sha256, Span<Half> feature)
    {
        if (!_rows.TryGetValue(Convert.ToHexString(sha256), out var found) || !FeatureFile.TryReadRow(found.Path, found.Row, feature))
        {
            return false;
        }

        Interlocked.Increment(ref _hits);
        return true;
    }

    /// <summary>Keeps a feature; it is on disk after every thousand, and at the end.</summary>
    public void Add(ReadOnlySpan<byte> sha256, ReadOnlySpan<Half> feature)
    {
        FeatureFile? full = null;
        lock (_gate)
        {
            _next.Add(sha256, feature);
            if (_next.Count == RowsPerFile)
            {
                (full, _next) = (_next, new FeatureFile(_next.Dimension));
            }
        }

        if (full is not null)
        {
            Keep(full);
        }
    }

    /// <summary>Writes the remaining features and removes entries beyond the limit.</summary>
    public void Dispose()
    {
        if (_next.Count > 0)
        {
            Keep(_next);
        }

        Trim();
    }

    // Another decoder, runtime or device may round otherwise.
    private static string KeyOf(BackboneSession session)
    {
        var text = string.Join('\n', [
            Convert.ToHexStringLower(session.File.Sha256.Span), session.Provider.Name, Build(typeof(BackboneSession)),
            Build(typeof(NetVips.Image)), $"libvips {NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}",
            Build(typeof(InferenceSession)), RuntimeInformation.ProcessArchitecture.ToString(),
        ]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

        static string Build(Type type) => type.Assembly.ManifestModule.ModuleVersionId.ToString();
    }

    private void Load()
    {
        Quietly(() =>
        {
            Directory.CreateDirectory(_folder);
            foreach (var path in Directory.GetFiles(_folder, "*" + FileEnding))
            {
                if (FeatureFile.ReadHashes(path, _next.Dimension) is { } hashes)
                {
                    File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
                    for (var row = 0; row < hashes.Count; row++)
                    {
                        _rows[hashes[row]] = (path, row);
                    }
                }
                else
                {
                    File.Delete(path);
                }
            }
        });
    }

    private void Keep(FeatureFile file) => Quietly(() =>
    {
        Directory.CreateDirectory(_folder);
        var unfinished = Path.Combine(_folder, Path.GetRandomFileName() + UnfinishedEnding);
        try
        {
            var bytes = file.ToBytes();
            File.WriteAllBytes(unfinished, bytes);
            var name = Convert.ToHexStringLower(SHA256.HashData(bytes))[..32] + FileEnding;
            File.Move(unfinished, Path.Combine(_folder, name), overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    });

    private void Trim() => Quietly(() =>
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var files = new DirectoryInfo(_root).GetFiles("*", SearchOption.AllDirectories);
        foreach (var left in files.Where(f => f.Extension == UnfinishedEnding && now - f.LastWriteTimeUtc > UnfinishedFor))
        {
            left.Delete();
        }

        var bytes = 0L;
        foreach (var file in files.Where(f => f.Extension == FileEnding).OrderByDescending(f => f.LastWriteTimeUtc))
        {
            bytes += file.Length;
            if (bytes > _maxBytes)
            {
                file.Delete();
            }
        }
    });

    private static void Quietly(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, or another process that trims at the same time: the features are computed again the next time.
        }
    }
}
