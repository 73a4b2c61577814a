using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Trainer.Retention;

/// <summary>How long rows are kept that would otherwise grow with time, section <c>Retention</c> of the Trainer's configuration.</summary>
public sealed class RetentionOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Retention";

    private const int MaxDays = 36_500;

    /// <summary>
    /// Days of history: group changes, changes of placeholders, and what images showed before. Of what is older, only what still held at
    /// the beginning of these days is kept: <c>cpf.group_at</c> refuses an earlier time, and who follows <c>/changes</c> and has not read
    /// for longer begins again. 0: for ever. Default 400.
    /// </summary>
    [Range(0, MaxDays)]
    public int HistoryDays { get; set; } = 400;

    /// <summary>
    /// Days for which the contents that changed companions under a model are listed (<c>cpf.model_changes</c>). Those of the active model
    /// and of a shadow stay, and so do the counts. 0: for ever. Default 90.
    /// </summary>
    [Range(0, MaxDays)]
    public int ModelChangeDays { get; set; } = 90;

    /// <summary>
    /// Days for which reconciles are listed (<c>cpf.search_recall</c>), besides the last one of each model. 0: for ever. Default 90.
    /// </summary>
    [Range(0, MaxDays)]
    public int ReconcileDays { get; set; } = 90;

    /// <summary>
    /// Days for which feeds that ended are listed, with their rejected rows. The newest finished one of each address or path stays, and so
    /// does what it is compared with. 0: for ever. Default 400.
    /// </summary>
    [Range(0, MaxDays)]
    public int FeedDays { get; set; } = 400;

    /// <summary>
    /// Days for which the report of a run is kept as a page. Its figures stay, with the run and its model. 0: for ever. Default 400.
    /// </summary>
    [Range(0, MaxDays)]
    public int ReportDays { get; set; } = 400;

    /// <summary>How often one of the Trainers looks for old rows. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Rows looked at in one transaction, which nobody waits for. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int RowsAtOnce { get; set; } = 5_000;
}
