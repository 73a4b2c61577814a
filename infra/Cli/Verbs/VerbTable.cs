namespace CpfPipeline.Cli.Verbs;

/// <summary>Every verb, in the order in which the help lists them.</summary>
internal static class VerbTable
{
    public static IReadOnlyList<IVerb> All { get; } =
    [
        new UpVerb(),
        new DownVerb(),
        new StatusVerb(),
        new LogsVerb(),
        new DemoVerb(),
        new SubmitVerb(),
        new GroupsVerb(),
        new ReconcileVerb(),
        new VerdictVerb(),
        new PlaceholderVerb(),
        new EraseVerb(),
        new TrainVerb(),
        new ModelsVerb(),
        new ActivateVerb(),
        new RollbackVerb(),
        new TestVerb(),
        new BenchVerb(),
    ];

    /// <summary>Verbs that the launcher hands to other executables, for the help.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Elsewhere { get; } =
    [
        ("backbone", "write the metadata of a backbone into an ONNX file (needs no services)"),
        ("evaluate", "measure a model on labelled pictures: F1 at its threshold, Recall@1, groups (needs no services)"),
        ("copies", "make edited copies of a folder of pictures (needs no services)"),
    ];
}
