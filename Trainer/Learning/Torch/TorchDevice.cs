using TorchSharp;

namespace CpfPipeline.Learning.Torch;

/// <summary>Where training runs, and why there.</summary>
/// <param name="Device">CUDA where libtorch has a device, else the CPU.</param>
/// <param name="Reason">One line for the log.</param>
public sealed record TorchDevice(torch.Device Device, string Reason)
{
    /// <summary>Chooses. The first call loads libtorch.</summary>
    /// <exception cref="TorchUnavailableException">libtorch does not load on this machine.</exception>
    public static TorchDevice Choose() => Loaded(() =>
    {
        if (torch.cuda.is_available())
        {
            var count = torch.cuda.device_count();
            return new TorchDevice(new torch.Device(DeviceType.CUDA, 0), $"CUDA: libtorch sees {count} device{(count == 1 ? "" : "s")} and uses the first");
        }

        var isCudaBuild = torch.TryInitializeDeviceType(DeviceType.CUDA);
        return new TorchDevice(
            torch.CPU,
            isCudaBuild
                ? "CPU: this build of libtorch has CUDA, but no device is visible"
                : "CPU: this build of libtorch has no CUDA, or no CUDA device is visible");
    });

    /// <summary>Seeds libtorch's generators, of all devices.</summary>
    /// <exception cref="TorchUnavailableException">libtorch does not load on this machine.</exception>
    public static void Seed(long seed) => Loaded(() => torch.manual_seed(seed));

    /// <summary>Runs something that may be the first to touch libtorch.</summary>
    internal static T Loaded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsLoadFailure(e))
        {
            throw new TorchUnavailableException(
                "libtorch does not load: training needs Linux on x64 with glibc 2.28 or later and libstdc++ of GCC 11 or later. "
                + $"What the loader said: {Innermost(e).Message}",
                e);
        }
    }

    // TorchSharp throws a bare NotSupportedException when it finds no library for the platform.
    private static bool IsLoadFailure(Exception e) =>
        e is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
        || (e is NotSupportedException && e.Source == "TorchSharp");

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
