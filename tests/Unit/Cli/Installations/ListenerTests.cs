using CpfPipeline.Cli.Installations;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Installations;

public sealed class ListenerTests
{
    // Port 20001 is 4E21. The second line is a connection to it, the third is IPv6.
    private static readonly string[] Lines =
    [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:4E21 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0",
        "   1: 0100007F:4E21 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1001        0 1 1 0 100 0 0 10 0",
        "   2: 00000000000000000000000000000000:4E22 00000000000000000000000000000000:0000 0A 00000000:0000 00:00000000 0000  1001 0",
    ];

    [Theory]
    [InlineData(20001, "1000", null)]
    [InlineData(20001, "1001", "1000")]
    [InlineData(20002, "1000", "1001")]
    [InlineData(20003, "1000", null)]
    public void Client_PortOfAnotherUser_IsRefused(int port, string user, string? foreign) =>
        Assert.Equal(foreign, Listener.FindForeign(Lines, port, user));
}
