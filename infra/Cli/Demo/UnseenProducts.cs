using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Cli.Demo;

/// <summary>
/// Products that the default model has never seen: the test classes of every split. The SHA-256 of their key (UTF-8) begins with a byte of
/// 230 or more.
/// </summary>
internal static class UnseenProducts
{
    private const byte FirstTest = 230;

    public static bool Contain(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] >= FirstTest;
}
