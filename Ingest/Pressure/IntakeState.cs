namespace CpfPipeline.Ingest.Pressure;

/// <summary>What is known, and what follows from it.</summary>
/// <param name="Pressure">What was seen last.</param>
/// <param name="Exceeded">What keeps more from being taken.</param>
internal sealed record IntakeState(IntakePressure Pressure, IntakeLimit Exceeded)
{
    /// <summary>Before the first look, when everything is open.</summary>
    public static IntakeState Unknown { get; } = new(IntakePressure.Unknown, IntakeLimit.None);

    /// <summary>After another look.</summary>
    public IntakeState Next(IntakePressure pressure, IngestOptions options) => new(pressure, pressure.Exceeded(Exceeded, options));

    /// <summary>Why nothing more is taken, in plain words; null when it is.</summary>
    public string? WhyNot(IntakeWay way, IngestOptions options) =>
        way == IntakeWay.Always ? null
        : Has(IntakeLimit.Disk) && Pressure.IsDiskSilent ? "A disk that pictures or feeds are written to does not answer."
        : Has(IntakeLimit.Disk)
            ? Text($"A disk that is written to is nearly full: {Pressure.FreeDiskShare:P1} are free, ")
                + Text($"{options.MinFreeDiskShare:P1} must stay free.")
        : Has(IntakeLimit.Database) ? "The database does not answer."
        : Has(IntakeLimit.Outbox) ? Text($"More than {options.MaxOutboxMessages} messages wait for the broker.")
        : way == IntakeWay.Queue && Has(IntakeLimit.Queue)
            ? Text($"{Pressure.QueuedImages} submitted images wait to be fetched; the limit is {options.MaxQueuedImages}.")
        : null;

    private bool Has(IntakeLimit limit) => Exceeded.HasFlag(limit);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
