namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>The rows of one page of a list. One row more than the page shows is read: it tells that the list goes on.</summary>
internal static class PageRows
{
    /// <summary>Cuts what was read to a page.</summary>
    /// <param name="read">The rows, one more than the page shows at most.</param>
    /// <param name="rowsPerPage">Rows that the page shows.</param>
    /// <returns>The rows to show, and the last of them when the list goes on behind it.</returns>
    public static (IReadOnlyList<T> Shown, T? Last) Of<T>(IReadOnlyList<T> read, int rowsPerPage)
        where T : class => read.Count > rowsPerPage ? ([.. read.Take(rowsPerPage)], read[rowsPerPage - 1]) : (read, null);
}
