using System.ComponentModel.DataAnnotations;
using CpfPipeline.Ingest.Guard;

namespace CpfPipeline.Ingest;

/// <summary>Section <c>Ingest</c> of the configuration.</summary>
internal sealed class IngestOptions : IValidatableObject
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Ingest";

    /// <summary>Maximum size of an image in bytes. Default 32 MiB.</summary>
    [Range(1, 1 << 30)]
    public int MaxImageBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Maximum pixels (width x height) by the header. Default 100 million.</summary>
    [Range(1, long.MaxValue)]
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>Maximum frames of an animation or pages of a TIFF by the header. Default 200.</summary>
    [Range(1, 1_000_000)]
    public int MaxFrames { get; set; } = 200;

    /// <summary>Minimum length of the shorter side in pixels. Default 8.</summary>
    [Range(1, int.MaxValue)]
    public int MinSidePixels { get; set; } = 8;

    /// <summary>Folders below which file URIs are read; symbolic links are resolved first. Default none.</summary>
    public IList<string> FileRoots { get; set; } = [];

    /// <summary>
    /// Whether http(s) may go to private, loopback and link-local addresses. Default false; for tests and closed networks.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Host names, as they stand in URIs, that may have private addresses. Default none.</summary>
    public IList<string> AllowedPrivateHosts { get; set; } = [];

    /// <summary>
    /// The only hosts that http(s) may go to, redirects included: <c>shop.example</c>, or <c>*.shop.example</c> for all names below it.
    /// Default none, which means every host.
    /// </summary>
    public IList<string> AllowedHosts { get; set; } = [];

    /// <summary>Hosts that http(s) may not go to, redirects included, in the form of AllowedHosts; they outrank it. Default none.</summary>
    public IList<string> DeniedHosts { get; set; } = [];

    /// <summary>
    /// Prefixes below which a translator of the network (NAT64) reaches IPv4, such as <c>64:ff9b::/96</c>; lengths 32, 40, 48, 56, 64 and
    /// 96 (RFC 6052). An address below one is as public as the IPv4 address it carries. Default none.
    /// </summary>
    public IList<string> Nat64Prefixes { get; set; } = [];

    /// <summary>Images at s3:// addresses.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>Maximum time for one attempt at an image, redirects included. Default 30 s.</summary>
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time to connect. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Maximum time for the first attempt at an image; a slower host is asked again apart from others, for up to FetchTimeout. Default 2
    /// s.
    /// </summary>
    public TimeSpan FirstFetchTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts at a URL that answers 5xx or cannot be reached. Default 5.</summary>
    [Range(1, 10)]
    public int FetchAttempts { get; set; } = 5;

    /// <summary>Pause before the second attempt; three times as long before each further one, at most a minute. Default 2 s.</summary>
    public TimeSpan FetchBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Maximum time for all attempts at an image together. Default 3 min.</summary>
    public TimeSpan FetchPatience { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Requests under way at one host for images of one source. Default 8.</summary>
    [Range(1, 64)]
    public int MaxRequestsPerHost { get; set; } = 8;

    /// <summary>Second and later attempts under way at all hosts together; each holds its bytes in memory. Default 32.</summary>
    [Range(1, 512)]
    public int MaxParkedRequests { get; set; } = 32;

    /// <summary>Maximum redirects. Default 5.</summary>
    [Range(0, 50)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>Images fetched at once by one batch; each holds its bytes in memory. Default 8.</summary>
    [Range(1, 256)]
    public int FetchParallelism { get; set; } = 8;

    /// <summary>Messages of the bus applied in one transaction. Default 100.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 100;

    /// <summary>Maximum time to wait for a batch to fill. Default 100 ms.</summary>
    public TimeSpan BatchTimeLimit { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Batches of the bus in work at once. Default 4.</summary>
    [Range(1, 64)]
    public int BatchConcurrency { get; set; } = 4;

    /// <summary>Rows of a feed applied in one transaction. Default 500.</summary>
    [Range(1, 5000)]
    public int FeedBatchRows { get; set; } = 500;

    /// <summary>Feeds read at once by this process; those of one source follow each other. Default 2.</summary>
    [Range(1, 64)]
    public int FeedConcurrency { get; set; } = 2;

    /// <summary>Pause between two looks for new feeds. Default 1 s.</summary>
    public TimeSpan FeedPollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum bytes of a feed that is downloaded, and of a compressed one once it is unpacked. Default 4 GiB.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFeedBytes { get; set; } = 4L << 30;

    /// <summary>Maximum time for one download of a feed; without any bytes FetchTimeout counts. Default 1 h.</summary>
    public TimeSpan FeedTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Feeds downloaded at once by this process. Default 8.</summary>
    [Range(1, 256)]
    public int MaxFeedDownloads { get; set; } = 8;

    /// <summary>
    /// Folder for downloaded feeds, each until its rows were read; a full path. Default <c>feeds</c> in the blob folder.
    /// </summary>
    public string DownloadFolder { get; set; } = "";

    /// <summary>
    /// For that long a feed's row that says what its image shows already is taken at its word; then its picture is fetched again.
    /// Pictures in files are compared by size and time in between. Zero: every picture is fetched every time. Default 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RecheckAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Maximum share of a source's live images that a snapshot may retract. Default 0.2.</summary>
    [Range(0.0, 1.0)]
    public double MaxSnapshotRetractShare { get; set; } = 0.2;

    /// <summary>Maximum share of a snapshot's rows that may be rejected; beyond it the snapshot retracts nothing. Default 0.05.</summary>
    [Range(0.0, 1.0)]
    public double MaxSnapshotRejectedShare { get; set; } = 0.05;

    /// <summary>How long a content must be without a live image, or a blob without a row, before it is removed. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan CollectAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Pause between two steps of the collection. A step looks at 20,000 contents and at a 256th of the blobs. Default 10 s.
    /// </summary>
    public TimeSpan CollectInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between two looks for unfinished erasures. Default 1 s.</summary>
    public TimeSpan ErasurePollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// File with the key of the tombstones of erased images and contents. It is created when missing. All instances need the same key.
    /// Default <c>tombstone.key</c> in the blob folder.
    /// </summary>
    public string TombstoneKeyFile { get; set; } = "";

    /// <summary>
    /// Folder with the record of erasures, from which they are repeated after a restore. All instances need the same one. Default
    /// <c>erasures</c> in the blob folder.
    /// </summary>
    public string ErasureRecordFolder { get; set; } = "";

    /// <summary>Maximum images in one <c>POST /images</c>. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxImagesPerRequest { get; set; } = 1000;

    /// <summary>Maximum bytes of one multipart upload, all files together. Default 128 MiB.</summary>
    [Range(1, 2L << 30)]
    public long MaxUploadBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>
    /// Bytes of uploads that are read at once, by what they announce; one alone is always taken. Beyond them uploads get 429. Their files
    /// are held in memory. Default 1 GiB.
    /// </summary>
    [Range(1, 1L << 40)]
    public long MaxUploadBytesAtOnce { get; set; } = 1L << 30;

    /// <summary>How long the body of an upload may take to come; then its connection is ended. Default 2 minutes.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Submissions and uploads answered at once; more get 429. Each holds a connection of the pool, of which there are 100. Default 64.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxRequestsInFlight { get; set; } = 64;

    /// <summary>
    /// Those of one key or person; more of them get 429, so that others are let in. Default 0: half of MaxRequestsInFlight.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxRequestsInFlightPerKey { get; set; }

    /// <summary>Bytes that a submission or upload sends per second at least, after 3 s; a slower one is cut off. Default 16 KiB.</summary>
    [Range(1, 1 << 30)]
    public double MinBodyBytesPerSecond { get; set; } = 16 * 1024;

    /// <summary>Feeds of a source that have not ended; further ones get 429. Default 100.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnfinishedFeeds { get; set; } = 100;

    /// <summary>
    /// How long a schedule runs that no key put, but a person or a program with a token, whose rights cannot be looked up later. Then it
    /// must be put again. Default 90 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan MaxScheduleAge { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// Messages that may wait to be published. With more, submissions and uploads get 429, and feeds wait. Default 20,000.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxOutboxMessages { get; set; } = 20_000;

    /// <summary>
    /// Submitted images that may wait in the broker to be fetched. With more, submissions and uploads get 429, and feeds wait. Default
    /// 100,000.
    /// </summary>
    [Range(0, 100_000_000)]
    public int MaxQueuedImages { get; set; } = 100_000;

    /// <summary>
    /// Share of the disk of the pictures that must stay free. With less, submissions and uploads get 429; fetches and feeds wait. Default
    /// 0.05.
    /// </summary>
    [Range(0.0, 1.0)]
    public double MinFreeDiskShare { get; set; } = 0.05;

    /// <summary>What <c>Retry-After</c> says beside 429. Default 5 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests of one key or person answered at once.</summary>
    internal int PlacesPerKey => MaxRequestsInFlightPerKey > 0 ? MaxRequestsInFlightPerKey : Math.Max(1, MaxRequestsInFlight / 2);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var root in FileRoots.Where(root => !Path.IsPathFullyQualified(root)))
        {
            yield return new ValidationResult($"Ingest:FileRoots holds \"{root}\", which is not a full path.", [nameof(FileRoots)]);
        }

        foreach (var (name, pattern) in AllowedHosts.Select(h => (nameof(AllowedHosts), h))
            .Concat(DeniedHosts.Select(h => (nameof(DeniedHosts), h))).Where(h => HostList.TryNormalise(h.Item2) is null))
        {
            yield return new ValidationResult(
                $"Ingest:{name} holds \"{pattern}\"; a host is a name, *. and a name, or an address, without scheme and port.", [name]);
        }

        foreach (var prefix in Nat64Prefixes.Where(prefix => Nat64Prefix.TryParse(prefix) is null))
        {
            yield return new ValidationResult(
                $"Ingest:Nat64Prefixes holds \"{prefix}\", which is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits (RFC 6052).",
                [nameof(Nat64Prefixes)]);
        }

        foreach (var problem in S3.Problems())
        {
            yield return new ValidationResult($"Ingest:S3:{problem}", [nameof(S3)]);
        }

        foreach (var (name, value) in new[]
        {
            (nameof(FetchTimeout), FetchTimeout), (nameof(ConnectTimeout), ConnectTimeout), (nameof(FetchBackoff), FetchBackoff),
            (nameof(FirstFetchTimeout), FirstFetchTimeout), (nameof(FetchPatience), FetchPatience),
            (nameof(BatchTimeLimit), BatchTimeLimit), (nameof(FeedTimeout), FeedTimeout), (nameof(FeedPollInterval), FeedPollInterval),
            (nameof(CollectInterval), CollectInterval), (nameof(ErasurePollInterval), ErasurePollInterval),
            (nameof(RetryAfter), RetryAfter), (nameof(UploadTimeout), UploadTimeout),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromHours(1))
            {
                yield return new ValidationResult($"Ingest:{name} is {value}; it must be longer than zero and at most an hour.", [name]);
            }
        }

        if (DownloadFolder.Length > 0 && !Path.IsPathFullyQualified(DownloadFolder))
        {
            yield return new ValidationResult(
                $"Ingest:DownloadFolder is \"{DownloadFolder}\", which is not a full path.", [nameof(DownloadFolder)]);
        }
    }
}
