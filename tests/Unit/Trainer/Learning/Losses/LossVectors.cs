using System.Text.Json;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>A file of reference losses and gradients.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Tolerances">By type: of the loss, and of gradients as a share of the largest.</param>
/// <param name="Cases">At least one.</param>
internal sealed record LossVectors(string Path, IReadOnlyDictionary<string, (double Loss, double Gradient)> Tolerances, IReadOnlyList<LossVectors.Case> Cases)
{
    public const string Variable = "CPF_VECTORS";

    private const string Format = "cpf-loss-1";

    public sealed record Case(string Name, CpfCase Input, double Loss, double T, double P, double N, double[][] Embeddings, double[][] Centres);

    /// <summary>The file that the variable names; else the one beside the checkout; null when there is none.</summary>
    /// <exception cref="FileNotFoundException">The variable names a file that is not there.</exception>
    /// <exception cref="InvalidDataException">The file is no file of vectors.</exception>
    public static LossVectors? Find(string? variable, string from)
    {
        if (!string.IsNullOrEmpty(variable))
        {
            return File.Exists(variable) ? Read(variable) : throw new FileNotFoundException($"{Variable} names {variable}, which is not there");
        }

        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var path = System.IO.Path.Combine(folder.FullName, "shared", "vectors", "cpf_loss.json");
            if (File.Exists(path))
            {
                return Read(path);
            }
        }

        return null;
    }

    private static LossVectors Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var root = json.RootElement;
            if (root.GetProperty("format").GetString() != Format)
            {
                throw new InvalidDataException($"{path} has another format than {Format}");
            }

            var tolerances = root.GetProperty("tolerance").EnumerateObject().ToDictionary(
                t => t.Name, t => (t.Value.GetProperty("loss_abs").GetDouble(), t.Value.GetProperty("grad_rel_to_max_abs").GetDouble()));
            List<Case> cases = [.. root.GetProperty("cases").EnumerateArray().Select(ReadCase)];
            return cases.Count > 0 ? new LossVectors(path, tolerances, cases) : throw new InvalidDataException($"{path} has no cases");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} is no file of loss vectors: {e.Message}", e);
        }
    }

    private static Case ReadCase(JsonElement one)
    {
        var (p, expected) = (one.GetProperty("params"), one.GetProperty("expected"));
        double Of(string name) => p.GetProperty(name).GetDouble();
        double Expected(string name) => expected.GetProperty(name).GetDouble();
        var input = new CpfCase(
            new()
            {
                FieldThreshold = Of("tau"), Psi = Of("psi"), PositiveScale = Of("sp"), NegativeScale = Of("sn"), Mu = Of("mu"), Offset = Of("b"),
                LabelSmoothing = Of("ls_eps"),
            },
            Rows(one.GetProperty("embeddings")), Rows(one.GetProperty("weights")), [.. one.GetProperty("labels").EnumerateArray().Select(l => l.GetInt32())]);
        return new Case(
            one.GetProperty("name").GetString()!, input, Expected("loss"), Expected("tp_plus_b"), Expected("lossp"), Expected("lossn"),
            Rows(expected.GetProperty("grad_embeddings")), Rows(expected.GetProperty("grad_weights")));
    }

    private static double[][] Rows(JsonElement rows) => [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetDouble()).ToArray())];
}
