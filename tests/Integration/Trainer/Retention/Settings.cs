using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Trainer.Retention;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Tests.Integration.Trainer.Retention;

/// <summary>What removes old rows, at a moment of the test's choice.</summary>
internal static class Settings
{
    public static OldRows Of(TestDatabase database, DateTime now, RetentionOptions options) =>
        new(database.DataSource, Options.Create(options), new RetentionMetrics(), new Moment(now), NullLogger<OldRows>.Instance);

    private sealed class Moment(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(now, TimeSpan.Zero);
    }
}
