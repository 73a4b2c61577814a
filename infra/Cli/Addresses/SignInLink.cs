using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Addresses;

/// <summary>An address that signs a browser in, once, within two minutes.</summary>
internal static class SignInLink
{
    /// <summary>Has a service make one.</summary>
    /// <param name="service">Which serves the page.</param>
    /// <param name="page">Path of the page that is shown then.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">The service does not answer, or refuses the key.</exception>
    public static async Task<Uri> MakeAsync(ServiceClient service, string page, CancellationToken cancellationToken)
    {
        var link = await service.PostAsync<MadeLink>("/sign-in/links", null, cancellationToken);
        return service.AddressOf($"{link.Path}?to={Uri.EscapeDataString(page)}");
    }

    private sealed record MadeLink
    {
        public required string Path { get; init; }
    }
}
