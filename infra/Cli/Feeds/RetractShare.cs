using System.Globalization;

namespace CpfPipeline.Cli.Feeds;

/// <summary>The share of a source's live images that a snapshot may retract, as <c>--max-retract</c> takes it.</summary>
internal static class RetractShare
{
    /// <summary>Reads <c>30%</c> or <c>0.3</c>; null stays null.</summary>
    /// <exception cref="CommandException">It is neither, or not between 0 and 1.</exception>
    public static double? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var isPercent = text.EndsWith('%');
        return double.TryParse(isPercent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && (isPercent ? number / 100 : number) is var share and >= 0 and <= 1
            ? share
            : throw CommandException.Usage(
                $"--max-retract is \"{text}\", not a share of the source's live images from 0 to 1, or from 0% to 100%");
    }
}
