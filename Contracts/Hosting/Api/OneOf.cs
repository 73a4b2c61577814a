using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CpfPipeline.Hosting.Api;

/// <summary>Describes bodies and answers that have one of two shapes, such as one object or an array of them.</summary>
public static class OneOf
{
    /// <summary>The body has one of the shapes.</summary>
    public static RouteHandlerBuilder AcceptsOneOf<TOne, TOther>(this RouteHandlerBuilder route)
        where TOne : notnull =>
            route.Accepts<TOne>("application/json").AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.RequestBody!.Content!["application/json"].Schema = await SchemaAsync<TOne, TOther>(context, cancellationToken));

    /// <summary>The answer of a status has one of the shapes.</summary>
    public static RouteHandlerBuilder ProducesOneOf<TOne, TOther>(this RouteHandlerBuilder route, int status) =>
        route.Produces<TOne>(status).AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.Responses![$"{status}"].Content!["application/json"].Schema =
                await SchemaAsync<TOne, TOther>(context, cancellationToken));

    private static async Task<OpenApiSchema> SchemaAsync<TOne, TOther>(
        OpenApiOperationTransformerContext context, CancellationToken cancellationToken) => new()
        {
            OneOf =
            [
                await context.GetOrCreateSchemaAsync(typeof(TOne), cancellationToken: cancellationToken),
                await context.GetOrCreateSchemaAsync(typeof(TOther), cancellationToken: cancellationToken),
            ],
        };
}
