using CpfPipeline.CommandLine;
using Spectre.Console.Cli;
using Xunit;

namespace CpfPipeline.Tests.Unit.CommandLine;

/// <summary>What a verb's settings hold after a command line was read. The verb itself does not run.</summary>
internal static class BoundSettings
{
    /// <summary>Reads words through the whole program.</summary>
    /// <returns>The settings, or the error line and null.</returns>
    public static async Task<(object? Settings, int Code, string Error)> ReadAsync(Verb verb, params IEnumerable<string> words)
    {
        var (sink, error) = (new Sink(), new StringWriter());
        var probe = (Verb)typeof(Verb).GetMethod(nameof(Verb.Of))!.MakeGenericMethod(typeof(Probe<>).MakeGenericType(verb.Settings))
            .Invoke(null, ["probe", "Probe."])!;
        var program = new VerbProgram { Name = "test", Verbs = [probe], Interrupted = 3, Explain = _ => null };
        var code = await program.RunAsync(
            ["probe", .. words], TextWriter.Null, error, services => services.RegisterInstance(sink),
            TestContext.Current.CancellationToken);
        return (sink.Settings, code, error.ToString());
    }

    /// <summary>Reads words that must be right.</summary>
    public static async Task<T> OfAsync<T>(Verb verb, params IEnumerable<string> words)
        where T : CommandSettings
    {
        var (settings, code, error) = await ReadAsync(verb, words);
        Assert.True(code == 0, error);
        return Assert.IsType<T>(settings);
    }

    internal sealed class Sink
    {
        public object? Settings { get; set; }
    }

    internal sealed class Probe<T>(Sink sink) : Command<T>
        where T : CommandSettings
    {
        public override int Execute(CommandContext context, T settings, CancellationToken cancellationToken)
        {
            sink.Settings = settings;
            return 0;
        }
    }
}
