using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Learning.Checkpoints;

/// <summary>What a model was trained on, as one number.</summary>
internal static class DataHash
{
    /// <summary>SHA-256, hexadecimal, over class, split and feature of each picture; where the files lie does not matter, their order does not either.</summary>
    public static string Of(IReadOnlyList<LabelledPicture> pictures, PictureFeatures features)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var i in Enumerable.Range(0, pictures.Count).OrderBy(i => pictures[i].Class, StringComparer.Ordinal).ThenBy(i => pictures[i].Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{pictures[i].Class}\0{pictures[i].Split}\0"));
            hash.AppendData(MemoryMarshal.AsBytes(features.Row(i)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
