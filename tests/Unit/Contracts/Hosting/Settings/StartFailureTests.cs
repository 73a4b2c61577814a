using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Settings;
using Microsoft.Extensions.Options;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Settings;

public sealed class StartFailureTests
{
    public static TheoryData<Exception, int> Explained() => new()
    {
        { new SettingException("x"), 2 },
        { new FormatException("x"), 2 },
        { new OptionsValidationException("n", typeof(object), ["x"]), 2 },
        { new IOException("x"), 3 },
        { new UnauthorizedAccessException("x"), 3 },
        { new Npgsql.NpgsqlException("x"), 3 },
        { new BrokerUnreachableException(new IOException("x")), 3 },
    };

    [Theory]
    [MemberData(nameof(Explained))]
    public void Of_WhatAnOperatorCanMend_IsALineAndACode(Exception exception, int code)
    {
        var failure = StartFailure.Of(exception);
        Assert.Equal(code, failure!.ExitCode);
        Assert.EndsWith("x", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_DefectOfOurs_KeepsItsStack()
    {
        Assert.Null(StartFailure.Of(new NullReferenceException()));
        Assert.Null(StartFailure.Of(new InvalidOperationException("x")));
    }
}
