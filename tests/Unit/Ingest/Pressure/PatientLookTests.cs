using CpfPipeline.Ingest.Pressure;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Pressure;

public sealed class PatientLookTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task TryAsync_LookThatHangs_IsNotSentAgainUntilItAnswers()
    {
        var (looks, answer) = (0, new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
        var look = new PatientLook<int>(() =>
        {
            looks++;
            return answer.Task;
        });

        Assert.Equal((false, 0), await TryAsync(look));
        Assert.Equal((false, 0), await TryAsync(look));
        answer.SetResult(7);
        Assert.Equal((true, 7), await TryAsync(look));
        Assert.Equal(1, looks);
        Assert.Equal((true, 7), await TryAsync(look));
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task TryAsync_LookThatFails_ThrowsAndIsSentAgain()
    {
        var looks = 0;
        var look = new PatientLook<int>(
            () => looks++ == 0 ? Task.FromException<int>(new TimeoutException("the driver's")) : Task.FromResult(5));

        await Assert.ThrowsAsync<TimeoutException>(() => TryAsync(look));
        Assert.Equal((true, 5), await TryAsync(look));
    }

    private static Task<(bool HasAnswered, int Answer)> TryAsync(PatientLook<int> look) =>
        look.TryAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
}
