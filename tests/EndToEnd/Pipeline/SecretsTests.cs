using System.Text;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Passwords and keys of an installation lie in files of its owner, and nowhere else.</summary>
public sealed class SecretsTests(SharedStack shared)
{
    [Fact]
    public async Task Secrets_OfARunningInstallation_AreInNoCommandLineLogOrAnswer()
    {
        var secrets = Secrets().ToList();
        Assert.True(secrets.Count >= 6, "the state file holds fewer secrets than there are passwords");
        var places = new List<(string Name, string Text)>();
        places.AddRange(CommandLines());
        places.AddRange(Directory.EnumerateFiles(Path.Combine(shared.Stack.Home, "logs"), "*", SearchOption.AllDirectories)
            .Select(path => (path, Read(path))));
        places.Add(("status", (await shared.Stack.RunAsync("status")).Output));
        places.Add(("status --json", (await shared.Stack.RunAsync("status", "--json")).Output));
        foreach (var service in new[] { "Ingest", "Embedder", "Matcher", "Trainer" })
        {
            using var client = await shared.Stack.ClientAsync(service);
            foreach (var path in new[] { "/health", "/openapi/v1.json", "/nothing/here" })
            {
                using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
                places.Add(($"{service} {path}", $"{answer.Headers} {await answer.Content.ReadAsStringAsync()}"));
            }
        }

        Assert.Contains(places, p => p.Text.Contains("openapi", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(places, p => p.Text.Contains("CpfPipeline.Ingest.dll", StringComparison.Ordinal));
        Assert.Empty(from place in places
                     from secret in secrets
                     where place.Text.Contains(secret.Value, StringComparison.Ordinal)
                     select $"{secret.Name} is in {place.Name}");
    }

    [Fact]
    public void FilesWithSecrets_BelongToTheirOwnerAlone()
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var secrets = Secrets().Select(s => s.Value).ToList();
        var open = Directory.EnumerateFiles(shared.Stack.Home, "*", SearchOption.TopDirectoryOnly)
            .Concat(Directory.EnumerateFiles(Path.Combine(shared.Stack.Home, "run"), "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Path.Combine(shared.Stack.Home, "rabbitmq"), "*", SearchOption.TopDirectoryOnly))
            .Where(path => path.EndsWith("tombstone.key", StringComparison.Ordinal)
                || secrets.Exists(s => Read(path).Contains(s, StringComparison.Ordinal)))
            .Where(path => (File.GetUnixFileMode(path) & ~Owner) != UnixFileMode.None && !IsWithinAClosedFolder(path))
            .ToList();

        Assert.Empty(open);
    }

    // The folder may be passed through, for the server's user. Who may read a file of it may lock it, and would stop every command.
    [Fact]
    public void FilesOfTheStateFolder_All_CanBeReadAndSoLockedByTheirOwnerAlone()
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var files = Directory.GetFiles(shared.Stack.Home);

        Assert.Contains(files, path => Path.GetFileName(path) == "lock");
        Assert.All(files, path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~Owner));
    }

    // Whoever may not enter the folder cannot open the file.
    private bool IsWithinAClosedFolder(string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder != shared.Stack.Home; folder = Path.GetDirectoryName(folder)!)
        {
            if ((File.GetUnixFileMode(folder) & UnixFileMode.OtherExecute) == UnixFileMode.None)
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<(string Name, string Value)> Secrets()
    {
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(shared.Stack.Home, "state.json")));
        return [.. state.RootElement.EnumerateObject()
            .Where(p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString()!.Length >= 20)
            .Select(p => (p.Name, p.Value.GetString()!))];
    }

    // Not its environment: only its owner can read that.
    private static IEnumerable<(string Name, string Text)> CommandLines() =>
        Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _))
            .Select(f => (f, Read(Path.Combine(f, "cmdline")).Replace('\0', ' ')));

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // It has gone.
        }
    }
}
