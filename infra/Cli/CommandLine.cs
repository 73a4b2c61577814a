using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Verbs;
using Npgsql;

namespace CpfPipeline.Cli;

/// <summary>Finds the verb, reads its arguments, runs it and turns what went wrong into a line and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<ExitCode> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (words.Count == 0 || words[0] is "--help" or "-h" or "help")
        {
            WriteVerbs(Console.Out);
            return ExitCode.Done;
        }

        var verb = VerbTable.All.FirstOrDefault(v => v.Name == words[0]);
        if (verb is null)
        {
            await Console.Error.WriteLineAsync($"cpf: unknown verb '{words[0]}'; infra/cpf --help lists them");
            return ExitCode.Usage;
        }

        try
        {
            var arguments = ParsedArguments.Parse([.. words.Skip(1)], verb.Options, verb.MaxPositionals);
            if (arguments.WantsHelp)
            {
                WriteHelp(verb, Console.Out);
                return ExitCode.Done;
            }

            return await verb.RunAsync(arguments, cancellationToken);
        }
        catch (CommandException e)
        {
            await Console.Error.WriteLineAsync($"cpf: {e.Message}");
            if (e.ExitCode == ExitCode.Usage)
            {
                await Console.Error.WriteLineAsync(UsageLine(verb));
            }

            return e.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("cpf: interrupted");
            return ExitCode.Infrastructure;
        }
        catch (Exception e) when (e is NpgsqlException or HttpRequestException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"cpf: {e.Message.ReplaceLineEndings(" ")}");
            return ExitCode.Infrastructure;
        }
    }

    private static string UsageLine(IVerb verb) => $"usage: infra/cpf {verb.Name} {verb.Usage}".TrimEnd();

    private static void WriteVerbs(TextWriter output)
    {
        output.WriteLine("usage: infra/cpf VERB [OPTIONS]      (infra/cpf VERB --help tells more)");
        output.WriteLine();
        foreach (var verb in VerbTable.All)
        {
            output.WriteLine($"  {verb.Name,-11} {verb.Summary}");
        }

        foreach (var (name, summary) in VerbTable.Elsewhere)
        {
            output.WriteLine($"  {name,-11} {summary}");
        }

        output.WriteLine();
        output.WriteLine("CPF_POSTGRES and CPF_RABBITMQ (connection strings) select existing servers; CPF_BACKBONE an ONNX backbone with metadata.");
        output.WriteLine("Exit codes: 0 done, 1 inputs rejected, 2 usage, 3 infrastructure, 4 refused by the gate, 5 too little data, 6 already running.");
    }

    private static void WriteHelp(IVerb verb, TextWriter output)
    {
        output.WriteLine(UsageLine(verb));
        output.WriteLine(verb.Summary);
        foreach (var option in verb.Options)
        {
            var form = (option.Short is null ? "" : option.Short + ", ") + option.Name + (option.Value is null ? "" : " " + option.Value);
            output.WriteLine($"  {form,-24} {option.Help}");
        }
    }
}
