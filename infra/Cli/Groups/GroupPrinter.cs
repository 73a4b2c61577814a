using System.Globalization;
using System.Text;
using System.Text.Json;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Groups;

/// <summary>Writes match groups as JSON or CSV while they are read. The rows come by group_id.</summary>
internal static class GroupPrinter
{
    private const int FlushBytes = 64 * 1024;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>
    /// <c>[{"group_id": "1", "model_id": "1", "members": [{"source": "...", "external_id": "...", "product_key": null, "sha256": "hex",
    /// "uri": "...", "medoid_similarity": 0.93}]}]</c>
    /// </summary>
    public static async Task WriteJsonAsync(
        IAsyncEnumerable<ListedMember> rows, Stream output, bool indented, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = indented });
        long? group = null;
        json.WriteStartArray();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (group != row.GroupId)
            {
                if (group is not null)
                {
                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                group = row.GroupId;
                json.WriteStartObject();
                json.WriteString("group_id", Text(row.GroupId));
                json.WriteString("model_id", Text(row.ModelId));
                json.WriteStartArray("members");
            }

            json.WriteStartObject();
            json.WriteString("source", row.Source);
            json.WriteString("external_id", row.ExternalId);
            json.WriteString("product_key", row.ProductKey);
            json.WriteString("sha256", row.Sha256);
            json.WriteString("uri", row.Uri);
            if (row.MedoidSimilarity is { } similarity)
            {
                json.WriteNumber("medoid_similarity", similarity);
            }
            else
            {
                json.WriteNull("medoid_similarity");
            }

            json.WriteEndObject();
            if (json.BytesPending > FlushBytes)
            {
                await json.FlushAsync(cancellationToken);
            }
        }

        if (group is not null)
        {
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        await json.FlushAsync(cancellationToken);
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>RFC 4180: header, comma, CRLF only inside quotes; what is missing is an empty field.</summary>
    public static async Task WriteCsvAsync(IAsyncEnumerable<ListedMember> rows, Stream output, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(output, Utf8, FlushBytes, leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync("group_id,source,external_id,product_key,sha256,uri,medoid_similarity");
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            await text.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.GroupId},{CsvField.Of(row.Source)},{CsvField.Of(row.ExternalId)},{CsvField.Of(row.ProductKey)},{row.Sha256},")
                + string.Create(CultureInfo.InvariantCulture, $"{CsvField.Of(row.Uri)},{row.MedoidSimilarity}"));
        }

        await text.FlushAsync(cancellationToken);
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
