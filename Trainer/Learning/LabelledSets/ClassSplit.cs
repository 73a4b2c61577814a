using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>
/// Which use a class may be put to, by the first byte of SHA-256 of its key (UTF-8): below 204 training (of these below 51 validation, for
/// sets that name none), 204-229 validation and 230-255 test of the live system.
/// </summary>
public static class ClassSplit
{
    private const int FirstHeldOut = 204;
    private const int FirstFitted = 51;
    private const int FirstTest = 230;

    /// <summary>The same share of pictures without a class, by the first byte of SHA-256 of their bytes.</summary>
    public static bool Calibrates(ReadOnlySpan<byte> picture) => SHA256.HashData(picture)[0] < FirstFitted;

    /// <summary>May be used for fitting and calibrating at all.</summary>
    public static bool IsTrain(string key) => Byte(key) < FirstHeldOut;

    /// <summary>Among those: calibrates, does not fit.</summary>
    public static bool IsCalibration(string key) => Byte(key) < FirstFitted;

    /// <summary>Belongs to the live system's test classes: nothing is ever fitted, calibrated or chosen on it.</summary>
    public static bool IsTest(string key) => Byte(key) >= FirstTest;

    /// <summary>First byte of SHA-256 of a key.</summary>
    public static byte Byte(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[0];
}
