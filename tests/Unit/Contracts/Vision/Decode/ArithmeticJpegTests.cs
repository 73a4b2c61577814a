using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>JPEGs with arithmetic coding (T.81 SOF9, SOF10): they are read; nobody can follow their codes to find what is lost.</summary>
public sealed class ArithmeticJpegTests
{
    // 32 x 32 pixels, drawn by a formula, written by libjpeg-turbo's jpegtran -arithmetic; the second progressive.
    private const string Sequential =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESU"
        + "M8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/yQARCAAg"
        + "ACADASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/ALqnHFfj+zPGFeXB63bu6ARjkb8yg+J/iJkSJ7uWziPnNGGkf+E+VFSK3G"
        + "GSVjFDLPP2cFXmbzl97roOvylR8SUZqt6NBwE9JBVAj1MGCvhNIu1XNpGyNRyuH6YawdLpv64UzId2qmKRK2r9t302P4GM1nhMGk/4t74q9vYi"
        + "X4We8+UhKGw/J+PxDj9gTkses13Hg2TYYAix8lJ65RJq589A17H5U2bsvIZAYhEC/9k=";

    private const string Progressive =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESU"
        + "M8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/ygARCAAg"
        + "ACADASIAAhEBAxEB/8wABgAQARD/2gAMAwEAAhADEAAAAf8AdUFAf2jY3t6wqibN0TuJNOGkSMO9/8wABBAF/9oACAEBAAEFAhKiMeL+zVcCjU"
        + "8NLH/cnXt+nPuOgP/MAAQRBf/aAAgBAwEBPwEUJ/LJFYIsgP/MAAQRBf/aAAgBAgEBPwEa8vioZBV78+P3rorAtaatVhr/zAAEEAX/2gAIAQEA"
        + "Bj8CwbW8TUD/zAAEEAX/2gAIAQEAAT8hxLN7kgcENi30MYMi6b7TYMAskktw/9oADAMBAAIAAwAAABDNaSr/zAAEEQX/2gAIAQMBAT8Q23JraB"
        + "x4/8wABBEF/9oACAECAQE/EGJAOfUMsF+Im/tZkYhDIK+CcMaPv4ZpgP/MAAQQBf/aAAgBAQABPxDZH9nG/dFrRi7X8pjE3oViR19DFsYCJXNF"
        + "/Emqi+eLMwvo56E38cD/2Q==";

    // The lower half is the grey that libjpeg puts in the place of lost data.
    private const string SequentialGrey =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESU"
        + "M8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/yQARCAAg"
        + "ACADASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/ALa3WB6RJF+ZhKwJCuubcR4mWvbnF+jDA+Ugtqa8lJTikPNG0Mqj/PGTRA"
        + "+TfiLA/9k=";

    private const string ProgressiveGrey =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESU"
        + "M8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/ygARCAAg"
        + "ACADASIAAhEBAxEB/8wABgAQARD/2gAMAwEAAhADEAAAAf8AbJnmLRUUM6Ji0Iz8zAT/zAAEEAX/2gAIAQEAAQUCEqHNR4JSCP/MAAQRBf/aAA"
        + "gBAwEBPwETd16CQP/MAAQRBf/aAAgBAgEBPwFK9+3/zAAEEAX/2gAIAQEABj8CsP/MAAQQBf/aAAgBAQABPyG9/9oADAMBAAIAAwAAABA1glb/"
        + "zAAEEQX/2gAIAQMBAT8Q1XL/zAAEEQX/2gAIAQIBAT8QCP/MAAQQBf/aAAgBAQABPxBMY7wHMP/Z";

    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Theory]
    [InlineData(Sequential)]
    [InlineData(Progressive)]
    [InlineData(SequentialGrey)]
    [InlineData(ProgressiveGrey)]
    public void Decode_WholeFile_IsAccepted(string base64)
    {
        var row = new float[Plain.RowLength];
        var outcome = _decoder.Decode(Convert.FromBase64String(base64), Plain, row);
        Assert.True(outcome.IsOk, outcome.Message);
        Assert.True(row.Max() - row.Min() > .5f);
    }

    [Theory]
    [InlineData(Sequential, 9)]
    [InlineData(Progressive, 10)]
    public void Decode_FileThatItsDecoderComplainsOf_IsUnsupported(string base64, int process)
    {
        var withoutEndMarker = Convert.FromBase64String(base64)[..^2];
        var outcome = _decoder.Decode(withoutEndMarker, Plain, new float[Plain.RowLength]);
        Assert.Equal(RejectReasons.UnsupportedFormat, outcome.Reason);
        Assert.Contains($"SOF{process}", outcome.Message, StringComparison.Ordinal);
    }
}
