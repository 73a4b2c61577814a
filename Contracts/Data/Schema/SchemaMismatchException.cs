namespace CpfPipeline.Data.Schema;

/// <summary>The database's schema and this program do not belong together.</summary>
/// <param name="message">What differs and what to do.</param>
public sealed class SchemaMismatchException(string message) : Exception(message);
