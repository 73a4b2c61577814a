using System.Security.Cryptography;
using CpfPipeline.Data.Erasures;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Hosting.Settings;

/// <summary>Why a service could not start, for who operates it.</summary>
/// <param name="Text">What is wrong, in one line.</param>
/// <param name="ExitCode">What the process ends with.</param>
public sealed record StartFailure(string Text, int ExitCode)
{
    /// <summary>A setting is missing or wrong.</summary>
    public const int WrongSetting = 2;

    /// <summary>A server, a folder or an address cannot be had.</summary>
    public const int Infrastructure = 3;

    /// <summary>The failure behind an exception; null when it is a defect of ours, whose stack is needed.</summary>
    public static StartFailure? Of(Exception exception) => exception switch
    {
        SettingException or FormatException or CryptographicException or TombstoneKeyException => new(OneLine(exception), WrongSetting),
        InvalidDataException => new(OneLine(exception), Infrastructure), // A file that a service keeps is damaged.
        OptionsValidationException invalid => new(string.Join(" ", invalid.Failures), WrongSetting),

        // A value that is no number, no time and so on.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => new(OneLine(exception), WrongSetting),
        BrokerUnreachableException => new($"RabbitMQ cannot be reached: {OneLine(exception.GetBaseException())}", Infrastructure),
        NpgsqlException => new($"PostgreSQL: {OneLine(exception)}", Infrastructure),
        IOException or UnauthorizedAccessException => new(OneLine(exception), Infrastructure),
        _ => null,
    };

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ");
}
