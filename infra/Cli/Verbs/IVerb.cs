using CpfPipeline.Cli.Arguments;

namespace CpfPipeline.Cli.Verbs;

/// <summary>One verb of <c>infra/cpf</c>. Registered in <see cref="VerbTable"/>.</summary>
internal interface IVerb
{
    string Name { get; }

    /// <summary>One line for the list of verbs.</summary>
    string Summary { get; }

    /// <summary>What follows the verb: <c>PATH [--source S]</c>.</summary>
    string Usage { get; }

    IReadOnlyList<Option> Options { get; }

    int MaxPositionals { get; }

    /// <exception cref="CommandException">Anything the user should read as one line.</exception>
    Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken);
}
