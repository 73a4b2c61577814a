using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>Builds candidates of a few operations at once, or what a test wants.</summary>
internal sealed class StandInBuilder : ICandidateBuilder
{
    private int _seed = 100;

    /// <summary>How often it was asked.</summary>
    public int Calls { get; private set; }

    public CandidateRequest? LastRequest { get; private set; }

    /// <summary>Whether the gate lets candidates through.</summary>
    public bool Passes { get; set; } = true;

    /// <summary>Set: there is too little data, for this reason.</summary>
    public string? TooLittle { get; set; }

    /// <summary>Set: building ends like this.</summary>
    public Func<Exception>? Fails { get; set; }

    /// <summary>Set: building waits for it.</summary>
    public TaskCompletionSource? Pause { get; set; }

    public double Threshold { get; set; } = .8;

    public async Task<CandidateOutcome> BuildAsync(
        CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken)
    {
        Calls++;
        LastRequest = request;
        Directory.CreateDirectory(request.WorkFolder);
        var facts = new TrainingSetFacts($"snapshot {Calls}", """{"contents": 20, "splits": {"train": {"contents": 12, "classes": 4}}}""");
        report("building_set", 1, "12 contents of 4 classes");
        if (TooLittle is { } reason)
        {
            return new CandidateOutcome.TooLittleData(facts, reason);
        }

        report("training", .5, "epoch 1 of 2");
        if (Pause is { } pause)
        {
            await pause.Task.WaitAsync(cancellationToken);
        }

        if (Fails is { } fails)
        {
            throw fails();
        }

        report("gate", 1, "measured");
        var head = request.Kind == TrainingRunKind.Threshold ? [] : TinyModels.Head(++_seed);
        var sha256 = request.Kind == TrainingRunKind.Threshold ? request.Active.HeadSha256 : HeadFile.Load(head, "head").Sha256.ToArray();
        return new CandidateOutcome.Made(
            facts, head, sha256, TinyModels.EmbeddingDim, Threshold, """{"f1": 0.9, "f1_interval": [0.85, 0.94], "opis": 0.001}""",
            "<html><body>a report</body></html>",
            Passes, Passes ? "F1 0.900 against 0.800" : "F1 0.100 against 0.800: worse by more than 0.01");
    }
}
