using System.Globalization;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>How far a join is.</summary>
/// <param name="Done">Tiles written.</param>
/// <param name="Tiles">Tiles in all.</param>
/// <param name="Joiners">Processes that wrote one in the last minutes.</param>
/// <param name="Rest">Estimated time to the end; null until a tile was written since this process began to look.</param>
internal sealed record JoinProgress(int Done, int Tiles, int Joiners, TimeSpan? Rest)
{
    /// <summary>Share that is done.</summary>
    public double Share => (double)Done / Tiles;

    /// <summary>The state after some tiles.</summary>
    /// <param name="done">Tiles written.</param>
    /// <param name="tiles">Tiles in all.</param>
    /// <param name="joiners">Processes at work.</param>
    /// <param name="doneBefore">Tiles written when the clock started.</param>
    /// <param name="elapsed">Time since then.</param>
    public static JoinProgress Of(int done, int tiles, int joiners, int doneBefore, TimeSpan elapsed) =>
        new(done, tiles, joiners, done > doneBefore ? elapsed * (tiles - done) / (done - doneBefore) : null);

    /// <summary>For a person.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"compares contents: {Done} of {Tiles} tiles by {Joiners} {(Joiners == 1 ? "process" : "processes")}{RestText()}");

    private string RestText() => Rest switch
    {
        null => "",
        { TotalSeconds: < 90 } rest => string.Create(CultureInfo.InvariantCulture, $", about {rest.TotalSeconds:0} s left"),
        { TotalMinutes: < 90 } rest => string.Create(CultureInfo.InvariantCulture, $", about {rest.TotalMinutes:0} min left"),
        { } rest => string.Create(CultureInfo.InvariantCulture, $", about {rest.TotalHours:0.#} h left"),
    };
}
