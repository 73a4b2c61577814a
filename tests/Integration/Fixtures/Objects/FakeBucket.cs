using System.Security.Cryptography;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>What a bucket holds, with the rules of S3 for versions, marks of deletions and uploads in parts.</summary>
public sealed class FakeBucket
{
    private const int MinPartBytes = 5 << 20;
    private const string NoVersion = "null";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<FakeVersion>> _versions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FakeUpload> _uploads = new(StringComparer.Ordinal);
    private long _number;

    /// <summary><c>Enabled</c>, <c>Suspended</c>, or null: versions were never turned on.</summary>
    public string? Versioning { get; set; }

    /// <summary>Everything that is kept, newest first under each key.</summary>
    public IReadOnlyList<FakeVersion> Versions => Read(() => _versions.Values.SelectMany(v => v.AsEnumerable().Reverse()).ToList());

    /// <summary>Uploads that were neither completed nor aborted.</summary>
    public IReadOnlyList<FakeUpload> Uploads => Read(() => _uploads.Values.OrderBy(u => u.Key, StringComparer.Ordinal).ToList());

    /// <summary>Keys of what can be read.</summary>
    public IReadOnlyList<string> Keys => [.. Currents().Select(v => v.Key)];

    /// <summary>What can be read, by key.</summary>
    public IReadOnlyList<FakeVersion> Currents() =>
        Read(() => _versions.Values.Where(v => v.Count > 0).Select(v => v[^1]).Where(v => v.Bytes is not null).ToList());

    public FakeVersion? Find(string key, string? versionId = null) => Read(() => !_versions.TryGetValue(key, out var all) ? null
        : versionId is null ? all.LastOrDefault() : all.FirstOrDefault(v => v.VersionId == versionId));

    public bool IsLatest(FakeVersion version) => Read(() => _versions[version.Key][^1] == version);

    /// <summary>Number of a version; 0 of one that is gone: a list does not find its place again, as in some stores.</summary>
    public long NumberOf(string key, string versionId) => Find(key, versionId)?.Number ?? 0;

    public FakeVersion Put(string key, byte[] bytes, IReadOnlyDictionary<string, string> headers, string? tag = null) =>
        Read(() => Add(key, bytes, headers, tag ?? $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\""));

    /// <summary>Deletes as a request without a version does.</summary>
    /// <returns>The mark that was left; null when none was.</returns>
    public FakeVersion? Delete(string key) => Read(() =>
    {
        if (Versioning != "Enabled" && _versions.TryGetValue(key, out var all))
        {
            all.RemoveAll(v => v.VersionId == NoVersion);
        }

        return Versioning is null ? null : Add(key, null, new Dictionary<string, string>(), "");
    });

    public void Delete(string key, string versionId) => Read(() =>
        _versions.TryGetValue(key, out var all) ? all.RemoveAll(v => v.VersionId == versionId) : 0);

    public FakeUpload Begin(string key, IReadOnlyDictionary<string, string> headers) => Read(() =>
    {
        var upload = new FakeUpload(key, $"upload-{++_number:D6}", headers) { BegunAt = TimeProvider.System.GetUtcNow() };
        return _uploads[upload.UploadId] = upload;
    });

    /// <summary>Takes a part.</summary>
    /// <returns>Its tag; null when there is no such upload.</returns>
    public string? Take(string uploadId, int number, byte[] bytes) => Read(() =>
    {
        if (!_uploads.TryGetValue(uploadId, out var upload))
        {
            return null;
        }

        var tag = $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";
        upload.Parts[number] = (bytes, tag);
        return tag;
    });

    /// <summary>Makes an object of an upload.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="parts">Number and tag of each part.</param>
    /// <param name="fault">Why it cannot be.</param>
    public FakeVersion? Complete(string uploadId, IReadOnlyList<(int Number, string ETag)> parts, out string fault)
    {
        lock (_gate)
        {
            fault = !_uploads.TryGetValue(uploadId, out var upload) ? "NoSuchUpload"
                : parts.Any(p => !upload.Parts.TryGetValue(p.Number, out var taken) || taken.ETag != p.ETag) ? "InvalidPart"
                : parts.SkipLast(1).Any(p => upload.Parts[p.Number].Bytes.Length < MinPartBytes) ? "EntityTooSmall" : "";
            if (fault.Length > 0)
            {
                return null;
            }

            _uploads.Remove(uploadId);
            byte[] bytes = [.. parts.SelectMany(p => upload!.Parts[p.Number].Bytes)];
            var tag = Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(p => Convert.FromHexString(p.ETag.Trim('"')))]));
            return Add(upload!.Key, bytes, upload.Headers, $"\"{tag}-{parts.Count}\"");
        }
    }

    public bool Abort(string uploadId) => Read(() => _uploads.Remove(uploadId));

    /// <summary>Makes everything under a key older.</summary>
    public void Age(string keyPart, TimeSpan by) => Read(() =>
    {
        foreach (var version in _versions.Values.SelectMany(v => v).Where(v => v.Key.Contains(keyPart, StringComparison.Ordinal)))
        {
            version.WrittenAt -= by;
        }

        foreach (var upload in _uploads.Values.Where(u => u.Key.Contains(keyPart, StringComparison.Ordinal)))
        {
            upload.BegunAt -= by;
        }

        return 0;
    });

    private FakeVersion Add(string key, byte[]? bytes, IReadOnlyDictionary<string, string> headers, string tag)
    {
        if (!_versions.TryGetValue(key, out var all))
        {
            _versions[key] = all = [];
        }

        var versionId = Versioning == "Enabled" ? $"version-{_number + 1:D6}" : NoVersion;
        var version = new FakeVersion(key, versionId, ++_number, bytes, tag, headers) { WrittenAt = TimeProvider.System.GetUtcNow() };
        if (versionId == NoVersion)
        {
            all.RemoveAll(v => v.VersionId == NoVersion);
        }

        all.Add(version);
        return version;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
