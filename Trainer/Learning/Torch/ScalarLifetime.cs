using System.Runtime.InteropServices;
using TorchSharp;

namespace CpfPipeline.Learning.Torch;

/// <summary>
/// Works around a race of TorchSharp 0.107 (seen here on a busy machine): it hands a scalar's native pointer to libtorch without keeping
/// the scalar alive, so a garbage collection at that moment frees it under the operation, which then fails with "Expected false to be true"
/// of Scalar.h.
/// </summary>
internal static class ScalarLifetime
{
    private const int HeldAtOnce = 256;
    private const int Tries = 4;

    [ThreadStatic]
    private static Scalar[]? _held;

    [ThreadStatic]
    private static int _next;

    /// <summary>A scalar that stays alive for the next 256 asked for on this thread, long after the operation that takes it.</summary>
    public static Scalar Hold(double value)
    {
        var held = _held ??= new Scalar[HeldAtOnce];
        _next = (_next + 1) % HeldAtOnce;
        return held[_next] = value;
    }

    /// <summary>Runs a computation that only sets gradients. Repeats it when the race was lost.</summary>
    public static T Again<T>(Func<T> compute)
    {
        for (var left = Tries - 1; ; left--)
        {
            try
            {
                return compute();
            }
            catch (ExternalException e) when (left > 0 && e.Message.Contains("Scalar.h", StringComparison.Ordinal))
            {
                // Freed memory is recognised by libtorch before anything is computed with it.
            }
        }
    }
}
