using Microsoft.OpenApi;

namespace CpfPipeline.Ingest.Api;

/// <summary>Describes what is one object for one image and an array for several.</summary>
internal static class OneOrMany
{
    /// <summary>The body is one or an array of them.</summary>
    public static RouteHandlerBuilder AcceptsOneOrMany<T>(this RouteHandlerBuilder route)
        where T : notnull =>
            route.Accepts<T>("application/json").AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.RequestBody!.Content!["application/json"].Schema = await SchemaAsync<T>(context, cancellationToken));

    /// <summary>The answer is one or an array of them.</summary>
    public static RouteHandlerBuilder ProducesOneOrMany<T>(this RouteHandlerBuilder route, int status) =>
        route.Produces<T>(status).AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.Responses![$"{status}"].Content!["application/json"].Schema = await SchemaAsync<T>(context, cancellationToken));

    private static async Task<OpenApiSchema> SchemaAsync<T>(
        Microsoft.AspNetCore.OpenApi.OpenApiOperationTransformerContext context, CancellationToken cancellationToken) => new()
        {
            OneOf =
            [
                await context.GetOrCreateSchemaAsync(typeof(T), cancellationToken: cancellationToken),
                await context.GetOrCreateSchemaAsync(typeof(T[]), cancellationToken: cancellationToken),
            ],
        };
}
