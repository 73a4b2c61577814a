using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// Pictures decoded to bytes of one size. As many as fit are kept in memory, the others are decoded at every use. Safe for any number of
/// threads.
/// </summary>
internal sealed class DecodedPictures
{
    private readonly IReadOnlyList<Func<byte[]>> _files;
    private readonly InputSpec _spec;
    private readonly IPictureDecoder _decoder;
    private readonly ConcurrentDictionary<int, PixelImage> _kept = new();
    private readonly byte[]?[] _hashes;
    private readonly ConcurrentBag<RefusedPicture> _refused = [];
    private readonly long _maxKept;
    private long _keptCount;

    private DecodedPictures(IReadOnlyList<Func<byte[]>> files, InputSpec spec, long maxBytes, IPictureDecoder decoder)
    {
        _files = files;
        _spec = spec;
        _hashes = new byte[files.Count][];
        _decoder = decoder;
        _maxKept = maxBytes / spec.RowLength;
    }

    /// <summary>Pictures that cannot be read or decoded, by rising index.</summary>
    public IReadOnlyList<RefusedPicture> Refused => [.. _refused.OrderBy(r => r.Picture)];

    /// <summary>Looks at all pictures once.</summary>
    /// <param name="files">Give the files' bytes; called again for pictures that do not fit into memory.</param>
    /// <param name="input">What the backbone wants; its normalisation is not applied.</param>
    /// <param name="margin">How many times its size pictures are decoded at, so that crops of them lose little.</param>
    /// <param name="maxBytes">Memory for decoded pictures.</param>
    /// <param name="decoder">Decodes them, also later.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public static DecodedPictures Open(
        IReadOnlyList<Func<byte[]>> files, InputSpec input, double margin, long maxBytes, IPictureDecoder decoder,
        CancellationToken cancellationToken)
    {
        // Mean 0 and this deviation leave 0..255, which floats hold exactly enough to round back.
        var spec = new InputSpec(
            (int)Math.Ceiling(input.Height * margin), (int)Math.Ceiling(input.Width * margin), input.Resize, [0, 0, 0],
            [1 / 255f, 1 / 255f, 1 / 255f])
        {
            Edge = input.Edge is { } edge ? (int)Math.Ceiling(edge * margin) : null,
            Kernel = input.Kernel,
        };
        var result = new DecodedPictures(files, spec, maxBytes, decoder);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, files.Count, options, i => result.Decode(i, isFirst: true));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); // The others say the same: no picture can be decoded any more.
        }

        return result;
    }

    /// <summary>One picture. Do not change it.</summary>
    /// <exception cref="IOException">A file that could be read at first no longer can.</exception>
    public PixelImage this[int picture] => _kept.TryGetValue(picture, out var kept)
        ? kept
        : Decode(picture, isFirst: false) ?? throw new IOException($"picture {picture} changed while training: it can no longer be read");

    /// <summary>Adds the contents of all usable pictures, in their order, each with its class.</summary>
    public void AddTo(IncrementalHash hash, Func<int, int> classOf)
    {
        for (var i = 0; i < _hashes.Length; i++)
        {
            if (_hashes[i] is { } content)
            {
                hash.AppendData(content);
                hash.AppendData(BitConverter.GetBytes(classOf(i)));
            }
        }
    }

    private PixelImage? Decode(int picture, bool isFirst)
    {
        byte[] bytes;
        try
        {
            bytes = _files[picture]();
        }
        catch (Exception e) when (isFirst && e is IOException or UnauthorizedAccessException)
        {
            _refused.Add(new RefusedPicture(picture, "unreadable", e.Message));
            return null;
        }

        var row = new float[_spec.RowLength];
        var outcome = _decoder.Decode(bytes, _spec, row);
        if (!outcome.IsOk)
        {
            if (isFirst)
            {
                _refused.Add(new RefusedPicture(picture, outcome.Reason, outcome.Message));
            }

            return null;
        }

        var image = Interleave(row);
        if (isFirst)
        {
            _hashes[picture] = SHA256.HashData(bytes);
            if (Interlocked.Increment(ref _keptCount) <= _maxKept)
            {
                _kept[picture] = image;
            }
        }

        return image;
    }

    private PixelImage Interleave(float[] planes)
    {
        var (pixels, plane) = (new byte[planes.Length], planes.Length / 3);
        for (var i = 0; i < plane; i++)
        {
            pixels[3 * i] = PixelImage.ToByte(planes[i]);
            pixels[(3 * i) + 1] = PixelImage.ToByte(planes[plane + i]);
            pixels[(3 * i) + 2] = PixelImage.ToByte(planes[(2 * plane) + i]);
        }

        return new PixelImage(_spec.Height, _spec.Width, pixels);
    }
}
