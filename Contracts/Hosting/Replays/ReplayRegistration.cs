using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Replays;

/// <summary>Registers <see cref="IFailedMessages"/> for a service that has the bus.</summary>
public static class ReplayRegistration
{
    /// <inheritdoc cref="ReplayRegistration"/>
    public static void AddFailedMessages(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IFailedMessages, FailedMessages>();
}
