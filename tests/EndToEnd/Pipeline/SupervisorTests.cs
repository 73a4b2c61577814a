using System.Diagnostics;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

public sealed class SupervisorTests
{
    private static readonly string[] Killed = ["matcher", "postgres", "rabbitmq"];

    [Fact]
    public async Task Kill9_ServiceAndServers_ComeBackAreCountedAndDownEndsAll()
    {
        await using var stack = await Stack.UpAsync(new() { ["CPF_SUPERVISE"] = "1" });
        foreach (var name in Killed)
        {
            Kill(stack.PidsOf(name)[0]);
        }

        await Stack.UntilAsync(
            async () => (await stack.RunAsync("status", "--json")).ExitCode == 0 && Killed.All(name => stack.PidsOf(name).Count > 0),
            "all of them are healthy again");
        var supervisor = (await stack.StatusAsync()).GetProperty("supervisor");
        Assert.All(Killed, name => Assert.Equal(1, supervisor.GetProperty("restarts").GetProperty(name).GetInt32()));

        Kill(supervisor.GetProperty("pid").GetInt32());
        Assert.NotEmpty(stack.PidsOf("matcher"));
        (await stack.RunAsync("up")).Expect(0);
        Assert.True((await stack.StatusAsync()).GetProperty("supervisor").GetProperty("pid").GetInt32() > 0);

        (await stack.RunAsync("down")).Expect(0);
        await Stack.UntilAsync(() => Task.FromResult(stack.Processes().Count == 0), "no process is left", TimeSpan.FromSeconds(5));
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
        process.WaitForExit();
    }
}
