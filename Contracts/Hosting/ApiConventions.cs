using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CpfPipeline.Hosting;

/// <summary>What the HTTP APIs of all services have in common.</summary>
public static class ApiConventions
{
    /// <summary>
    /// Version of the HTTP APIs, as <c>GET /openapi/v1.json</c> tells it. 2: ids in answers are strings; they were numbers before.
    /// </summary>
    public const string Version = "2.0.0";

    /// <summary>How bodies are written and read: names in snake_case, ids as strings.</summary>
    public static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.DictionaryKeyPolicy = null;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(JsonIds.WriteAsText);
    }

    /// <summary>Describes the API accordingly.</summary>
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Version = Version;
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonPropertyInfo?.NumberHandling?.HasFlag(JsonNumberHandling.WriteAsString) == true)
            {
                WithoutNumbers(schema);
                WithoutNumbers(schema.Items as OpenApiSchema);
            }

            return Task.CompletedTask;
        });
    }

    // A type that may be written as a string or a number is written as a string here.
    private static void WithoutNumbers(OpenApiSchema? schema)
    {
        if (schema?.Type?.HasFlag(JsonSchemaType.String) == true)
        {
            schema.Type &= ~JsonSchemaType.Integer;
        }
    }
}
