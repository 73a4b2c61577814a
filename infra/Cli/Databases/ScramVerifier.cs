using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Cli.Databases;

/// <summary>
/// What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677). Made here, so that the password itself is in no statement and in
/// no log of the server.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096; // PostgreSQL's own number.
    private const int SaltBytes = 16;

    /// <summary><c>SCRAM-SHA-256$ITERATIONS:SALT$STORED:SERVER</c> with a salt by chance.</summary>
    /// <param name="password">Printable ASCII: only of such text is the normal form (SASLprep) the text itself.</param>
    /// <exception cref="CommandException">It has other characters, or none.</exception>
    public static string Make(string password) => Make(password, RandomNumberGenerator.GetBytes(SaltBytes));

    internal static string Make(string password, byte[] salt)
    {
        if (password.Length == 0 || password.Any(c => c is < ' ' or > '~'))
        {
            throw CommandException.Usage("a password of a database login must be printable ASCII, and not empty");
        }

        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }
}
