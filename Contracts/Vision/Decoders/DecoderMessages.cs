using System.Runtime.InteropServices;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Decoders;

/// <summary>
/// What a decoder's process and the one that started it say to each other: structures of a fixed size over two pipes, and the bytes in a
/// <see cref="SharedRegion"/>. Both run the same build.
/// </summary>
internal static class DecoderMessages
{
    /// <summary>Changes with any of these structures.</summary>
    public const int Version = 2;

    /// <summary>Longest text of an answer.</summary>
    public const int MaxTextBytes = 1000;

    /// <summary>Reasons that a decoder may give.</summary>
    public static IReadOnlyList<string> Reasons { get; } =
    [
        RejectReasons.EmptyFile, RejectReasons.UnsupportedFormat, RejectReasons.TooManyBytes, RejectReasons.TooManyPixels,
        RejectReasons.TooManyFrames, RejectReasons.TooSmall, RejectReasons.Truncated, RejectReasons.Undecodable,
        RejectReasons.DecodeTimeout,
    ];

    /// <summary>First word to the process.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Setup
    {
        public long MaxMemoryBytes;
        public long MaxPixels;
        public long MaxDecodeTicks;
        public int InputBytes;
        public int OutputBytes;
        public int MaxImageBytes;
        public int MaxFrames;
        public int MinSide;

        /// <summary>A bit for each of <see cref="ImageFormat.All"/>.</summary>
        public int Formats;

        public static Setup Of(DecoderSettings settings)
        {
            var limits = settings.Limits;
            return new Setup
            {
                MaxMemoryBytes = settings.MaxMemoryBytes, MaxPixels = limits.MaxPixels, MaxDecodeTicks = limits.MaxDecodeTime.Ticks,
                InputBytes = settings.InputBytes, OutputBytes = DecoderSettings.OutputBytes, MaxImageBytes = limits.MaxImageBytes,
                MaxFrames = limits.MaxFrames, MinSide = limits.MinSide,
                Formats = Enumerable.Range(0, ImageFormat.All.Count).Sum(i => limits.Formats.Contains(ImageFormat.All[i]) ? 1 << i : 0),
            };
        }

        public readonly ImageLimits ToLimits()
        {
            var formats = Formats;
            return new ImageLimits
            {
                MaxImageBytes = MaxImageBytes, MaxPixels = MaxPixels, MaxFrames = MaxFrames, MinSide = MinSide,
                MaxDecodeTime = TimeSpan.FromTicks(MaxDecodeTicks),
                Formats = [.. ImageFormat.All.Where((_, i) => (formats & (1 << i)) != 0)],
            };
        }
    }

    /// <summary>First word of the process: it is ready.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Hello
    {
        public int Version;
        public Wall Walls;
    }

    /// <summary>What can be made of a picture.</summary>
    public enum Result
    {
        /// <summary>Pixels as a model wants them.</summary>
        Framed,

        /// <summary>A small WebP.</summary>
        Thumbnail,

        /// <summary>Width and height, an <c>int</c> each, then the pixels.</summary>
        Bounded,
    }

    /// <summary>A picture whose file lies in the region.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Request
    {
        /// <summary>Rises by one from 1; its answer has the same.</summary>
        public int Number;

        public int Length;

        /// <summary>What is to be made of it.</summary>
        public Result Wanted;

        /// <summary>Of a thumbnail and of <see cref="Result.Bounded"/>.</summary>
        public int LongestSide;

        public int Width;
        public int Height;

        /// <summary>0: none.</summary>
        public int Edge;

        public ResizeRule Resize;
        public ResizeKernel Kernel;

        public static Request Pixels(int length, InputSpec spec) => new()
        {
            Length = length, Width = spec.Width, Height = spec.Height, Edge = spec.Edge ?? 0, Resize = spec.Resize, Kernel = spec.Kernel,
        };

        public static Request Thumbnail(int length, int longestSide) =>
            new() { Length = length, Wanted = Result.Thumbnail, LongestSide = longestSide };

        public static Request Bounded(int length, int longestSide) =>
            new() { Length = length, Wanted = Result.Bounded, LongestSide = longestSide };

        // Means and deviations are the caller's business.
        public readonly InputSpec ToSpec() =>
            new(Height, Width, Resize, [0, 0, 0], [1, 1, 1]) { Edge = Edge == 0 ? null : Edge, Kernel = Kernel };
    }

    /// <summary>What came of it. Its text follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Answer
    {
        /// <summary>Nothing of a picture's: the process is broken and must end.</summary>
        public const int Broken = -2;

        /// <summary>The request's.</summary>
        public int Number;

        /// <summary>Index in <see cref="Reasons"/>; -1: the picture is fine.</summary>
        public int Reason;

        /// <summary>Index in <see cref="ImageFormat.All"/>; -1: unknown.</summary>
        public int Format;

        public int Width;
        public int Height;

        /// <summary>Bytes of the region's second part.</summary>
        public int OutputLength;

        public int TextLength;
    }
}
