using System.Diagnostics.CodeAnalysis;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// What came of a picture: its size and format, or the reason it was refused. Bad input is a value here, never an exception.
/// </summary>
public readonly record struct DecodeOutcome
{
    /// <summary>Null when the picture is fine; else one of <see cref="RejectReasons"/>'s codes.</summary>
    public string? Reason { get; private init; }

    /// <summary>For a person: what exactly was wrong. Null when the picture is fine.</summary>
    public string? Message { get; private init; }

    /// <summary>Width in pixels as stored, before orientation; 0 when unknown.</summary>
    public int Width { get; private init; }

    /// <summary>Height in pixels as stored, before orientation; 0 when unknown.</summary>
    public int Height { get; private init; }

    /// <summary>One of <see cref="ImageFormat"/>'s names; null when unknown.</summary>
    public string? Format { get; private init; }

    [MemberNotNullWhen(false, nameof(Reason), nameof(Message))]
    public bool IsOk => Reason is null;

    public static DecodeOutcome Ok(string format, int width, int height) =>
        new() { Format = format, Width = width, Height = height };

    public static DecodeOutcome Refused(string reason, string message, string? format = null, int width = 0, int height = 0) =>
        new() { Reason = reason, Message = message, Format = format, Width = width, Height = height };
}
