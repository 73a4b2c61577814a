namespace CpfPipeline.Hosting.Access.Browsers;

/// <summary>Tells addresses of this service from those of others, so that nobody is led elsewhere.</summary>
public static class LocalAddress
{
    /// <summary>Whether an address is a path of this service, and a browser takes it for one.</summary>
    public static bool Is(string? address) =>
        address is ['/', ..] && (address.Length == 1 || address[1] != '/') && !address.Any(c => char.IsControl(c) || c == '\\')
        && Uri.TryCreate(address, UriKind.Relative, out _);

    /// <summary>The address when it is local, else another.</summary>
    public static string Or(string? address, string other) => Is(address) ? address! : other;
}
