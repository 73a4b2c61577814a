using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>The units of infra/systemd: read by ourselves, and by systemd's own tool where it is installed.</summary>
public sealed partial class SystemdTests
{
    private const string Folder = "infra/systemd";
    private const string Tool = "/usr/bin/systemd-analyze";
    private const double MostExposure = 2.0;

    private static readonly string[] Units =
    [
        "cpf-ingest.service", "cpf-embedder.service", "cpf-matcher.service", "cpf-trainer.service", "cpf-joiner.service",
        "cpf-migrate.service",
    ];

    private static readonly string[] Hardened =
    [
        "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
        "RestrictNamespaces=yes", "RestrictSUIDSGID=yes", "User=cpf", "UMask=0077", "SystemCallArchitectures=native",
    ];

    private static string Common => File.ReadAllText(Checkout.At($"{Folder}/cpf-.service.d/hardening.conf"));

    [Fact]
    public void Hardening_OfAllUnits_IsWhatWePromise()
    {
        var lines = Common.Split('\n');
        Assert.All(Hardened, h => Assert.Contains(h, lines));

        // What would break .NET or the walls around decoders.
        Assert.DoesNotContain(lines, l => l.StartsWith("MemoryDenyWriteExecute=", StringComparison.Ordinal)
            || l.StartsWith("ProcSubset=", StringComparison.Ordinal));
        Assert.All(["seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"], call =>
            Assert.Contains(lines, l => l.StartsWith("SystemCallFilter=@system-service ", StringComparison.Ordinal)
                && l.Split(' ').Contains(call)));
    }

    [Fact]
    public void Units_All_TakeBackNothingOfTheHardening() =>
        Assert.All(Units, unit =>
        {
            var keys = Hardened.Select(h => h.Split('=')[0]).ToHashSet();
            Assert.DoesNotContain(File.ReadAllLines(Checkout.At($"{Folder}/{unit}")), l => keys.Contains(l.Split('=')[0]));
        });

    [Fact]
    public void Examples_OfSchedulers_AreNoUnitsOfTheServicesAndAskThePortOfTheTrainer()
    {
        var page = File.ReadAllText(Checkout.At("infra/schedulers/README.md"));
        var units = ExampleUnit().Matches(page).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(2, units.Count);
        Assert.DoesNotContain(units, u => u.StartsWith("cpf-", StringComparison.Ordinal)); // The drop-in would hold for it as well.

        var port = Port().Match(File.ReadAllText(Checkout.At($"{Folder}/cpf-trainer.service"))).Groups[1].Value;
        Assert.All(Port().Matches(page), m => Assert.Equal(port, m.Groups[1].Value));
    }

    [Fact]
    public void Units_OfServices_StartThePublishedProgramAfterTheMigration() =>
        Assert.All(Units.Where(u => u != "cpf-migrate.service"), unit =>
        {
            var text = File.ReadAllText(Checkout.At($"{Folder}/{unit}"));
            var name = Program().Match(text) is { Success: true } m && m.Groups[1].Value == m.Groups[2].Value ? m.Groups[1].Value : "";
            Assert.Equal($"cpf-{name.ToLowerInvariant()}.service", unit);

            // A machine with joiners alone has no migration: they start with the target where somebody enabled them.
            var isApart = unit == "cpf-joiner.service";
            var target = File.ReadAllText(Checkout.At($"{Folder}/cpf.target"));
            Assert.Equal(!isApart, text.Contains("\nRequires=cpf-migrate.service\n", StringComparison.Ordinal));
            Assert.Equal(!isApart, target.Contains(unit, StringComparison.Ordinal));
            Assert.Contains("\nPartOf=cpf.target\n", text, StringComparison.Ordinal);
            Assert.Contains("\nWantedBy=cpf.target\n", text, StringComparison.Ordinal);
            Assert.Contains("Environment=Urls=http://127.0.0.1:", text, StringComparison.Ordinal);
        });

    [Fact]
    public void Variables_OfTheUnits_AreKnownAndSecretsAreCredentials()
    {
        var texts = Units.Select(u => File.ReadAllText(Checkout.At($"{Folder}/{u}"))).Append(Common).ToList();
        var variables = texts.SelectMany(t => Variable().Matches(t)).ToList();
        Assert.Empty(SettingNames.Unknown(variables.Select(v => v.Groups[1].Value)));
        Assert.DoesNotContain(variables, v => v.Groups[1].Value.StartsWith("ConnectionStrings", StringComparison.Ordinal));
        Assert.Contains("LoadCredential=ConnectionStrings__Postgres:", Common, StringComparison.Ordinal);

        // The owner's password is the migration's alone.
        Assert.Equal(["cpf-migrate.service"], Units.Where(u =>
            File.ReadAllText(Checkout.At($"{Folder}/{u}")).Contains("postgres_owner", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Units_ReadBySystemd_HaveNoFaultAndAreLittleExposed()
    {
        Assert.SkipUnless(File.Exists(Tool), "there is no systemd-analyze");
        var root = Directory.CreateTempSubdirectory("cpf-units-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Checkout.At(Folder), "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(root, Path.GetRelativePath(Checkout.At(Folder), file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            var (code, text) = await RunAsync(
                root, Tool, ["verify", "--man=no", .. Units.Append("cpf.target").Select(u => Path.Combine(root, u))]);
            Assert.True(code == 0 && text.Length == 0, text);
            foreach (var unit in Units)
            {
                // Fails by itself above ten times the figure.
                var (exposed, report) = await RunAsync(
                    root, Tool,
                    ["security", "--offline=true", "--no-pager", $"--threshold={MostExposure * 10:0}", Path.Combine(root, unit)]);
                Assert.True(exposed == 0, report);
                Assert.InRange(
                    double.Parse(Overall().Match(report).Groups[1].Value, CultureInfo.InvariantCulture), 0.1, MostExposure);
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // What a decoder's process may ask of the kernel, and what the Embedder asks to start one.
    [Fact]
    public async Task Calls_OfDecodersAndTheirStart_AreLetThroughByTheUnits()
    {
        Assert.SkipUnless(File.Exists(Tool), "there is no systemd-analyze");
        var sets = Sets((await RunAsync("/nowhere", Tool, ["syscall-filter", "--no-pager"])).Text);
        var lines = Common.Split('\n').Where(l => l.StartsWith("SystemCallFilter=", StringComparison.Ordinal))
            .Select(l => l.Split('=')[1]).ToList();
        var let = lines.Where(l => !l.StartsWith('~')).SelectMany(l => l.Split(' ')).SelectMany(n => Expand(sets, n))
            .Except(lines.Where(l => l.StartsWith('~')).SelectMany(l => l[1..].Split(' ')).SelectMany(n => Expand(sets, n))).ToHashSet();

        string[] atStart =
        [
            "prctl", "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "memfd_create", "fallocate",
            "ftruncate", "fcntl", "pipe2", "clone", "vfork", "execve", "wait4", "kill", "setrlimit", "prlimit64", "setsid", "chdir", "dup2",
            "close_range", "openat", "mmap", "clone3",
        ];
        var named = CallName().Matches(File.ReadAllText(Checkout.At("Contracts/Vision/Walls/SystemCallList.cs")))
            .Select(m => m.Groups[1].Value);
        Assert.Empty(named.Concat(atStart).Except(let));
    }

    private static IEnumerable<string> Expand(Dictionary<string, List<string>> sets, string name) =>
        name.StartsWith('@') ? sets[name].SelectMany(n => Expand(sets, n)) : [name];

    private static Dictionary<string, List<string>> Sets(string listing)
    {
        var (sets, current) = (new Dictionary<string, List<string>>(), new List<string>());
        foreach (var line in listing.Split('\n'))
        {
            if (line.StartsWith('@'))
            {
                sets[line.Trim()] = current = [];
            }
            else if (line.Trim() is { Length: > 0 } name && !name.StartsWith('#'))
            {
                current.Add(name);
            }
        }

        return sets;
    }

    private static async Task<(int Code, string Text)> RunAsync(string units, string tool, string[] words)
    {
        var start = new ProcessStartInfo(tool, words) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SYSTEMD_UNIT_PATH"] = units + ":"; // Ours, then the system's.
        start.Environment["SYSTEMD_COLORS"] = "0";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"new\(""(\w+)"", \d+")]
    private static partial Regex CallName();

    [GeneratedRegex(@"\nExecStart=/usr/bin/dotnet /opt/cpf/(\w+)/CpfPipeline\.(\w+)\.dll\n")]
    private static partial Regex Program();

    [GeneratedRegex(@"^Environment=(\w+)=", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Overall();

    [GeneratedRegex(@"^`/etc/systemd/system/([^`]+)`", RegexOptions.Multiline)]
    private static partial Regex ExampleUnit();

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
