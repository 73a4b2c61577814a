using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>The vectors of <c>fetch-attacks.tsv</c>, and what its resolver answers.</summary>
internal static partial class AttackTable
{
    private const string Answer = "answer";
    private static readonly string[][] Lines = [.. File.ReadLines(PathOf())
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t', 3))];

    /// <summary>What is submitted and what becomes of it, in the file's order.</summary>
    public static IReadOnlyList<AttackVector> Vectors { get; } =
        [.. Lines.Where(f => f[0] != Answer).Select((f, i) => new AttackVector(i, f[0], f[1], Expand(Regex.Unescape(f[2]))))];

    /// <summary>The addresses of each answer, by name; the last answer is given for ever.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<IPAddress[]>> Names { get; } = Lines.Where(f => f[0] == Answer).ToDictionary(
        f => f[2], f => (IReadOnlyList<IPAddress[]>)[.. f[1].Split(';').Select(a => a.Split(',').Select(IPAddress.Parse).ToArray())],
        StringComparer.OrdinalIgnoreCase);

    // STATUS>URI is the address of a public server that answers with that status and location.
    private static string Expand(string text) => Redirect().IsMatch(text)
        ? $"http://public.test/redirect/{text[..3]}?to={Uri.EscapeDataString(Expand(text[4..]))}"
        : text;

    private static string PathOf([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "fetch-attacks.tsv");

    [GeneratedRegex("^[0-9]{3}>")]
    private static partial Regex Redirect();
}
