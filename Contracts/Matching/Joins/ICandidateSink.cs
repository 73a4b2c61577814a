namespace CpfPipeline.Matching.Joins;

/// <summary>One thread's receiver of the pairs that an <see cref="IPairPrefilter"/> cannot rule out.</summary>
public interface ICandidateSink
{
    /// <param name="left">Left row.</param>
    /// <param name="right">Row of the block matrix.</param>
    /// <param name="mayBeKept">False: surely below the left row's second threshold (<see cref="RowThresholds.Keep"/>).</param>
    void Candidate(int left, int right, bool mayBeKept);

    void Flush();
}
