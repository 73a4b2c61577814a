using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Heads;
using TorchSharp;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>What the outcome of depth <c>head</c> depends on, as one number.</summary>
public static class HeadRun
{
    /// <summary>SHA-256 over features, classes, folds, settings, threads and kind of device.</summary>
    /// <param name="set">What is fitted to; the order of its rows counts.</param>
    /// <param name="settings">All that are tried.</param>
    /// <param name="target">What thresholds are for.</param>
    /// <param name="device">Where training runs.</param>
    /// <param name="given">As for <see cref="HeadFit"/>.</param>
    public static byte[] Hash(
        FitSet set, IReadOnlyList<HeadOptions> settings, CalibrationTarget target, torch.Device device, LinearHead? given = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new
        {
            settings,
            target,
            device = device.type.ToString(),
            set.Dimension,
            set.WrongPairsPerPicture,
            given,
            separations = set.Separations.Select(s => new[] { s.A, s.B }),
        }));
        hash.AppendData(MemoryMarshal.AsBytes(set.Values.AsSpan()));
        foreach (var numbers in new[] { set.Classes, set.Groups, set.Folds, set.Scopes ?? [] })
        {
            hash.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }

        return hash.GetHashAndReset();
    }
}
