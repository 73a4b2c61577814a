using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>CPF against the reference file beside the checkout, or the one that CPF_VECTORS names.</summary>
public sealed class CpfVectorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("float64")]
    [InlineData("float32")]
    public void Forward_ReferenceFile_LossAndGradientsAreWithinItsTolerances(string type)
    {
        var vectors = VectorsOrSkip();
        var (lossTolerance, gradientTolerance) = vectors.Tolerances[type];
        Assert.All(vectors.Cases, one =>
        {
            var input = one.Input;
            var (loss, embeddings, centres) = Rows.Run(
                c => new CpfLoss(input.Parameters, c), input.Embeddings, input.Centres, input.Labels, type == "float64" ? ScalarType.Float64 : ScalarType.Float32);
            Assert.True(Math.Abs(loss - one.Loss) <= lossTolerance, $"{one.Name}: loss {loss:R}, not {one.Loss:R}");
            Within(one.Name, "embeddings", one.Embeddings, embeddings);
            Within(one.Name, "centres", one.Centres, centres);
        });

        void Within(string name, string of, double[][] expected, double[] actual)
        {
            var gap = Rows.Gap(expected.SelectMany(r => r), actual);
            Assert.True(gap <= gradientTolerance, $"{name}: gradients of {of} differ by {gap:E2} of the largest");
        }
    }

    [Fact]
    public void NaiveLoops_ReferenceFile_SumsAndGradientsAgree()
    {
        var vectors = VectorsOrSkip();
        Assert.All(vectors.Cases, one =>
        {
            var (loss, t, p, n) = one.Input.Value();
            Assert.Equal(one.Loss, loss, 1e-12);
            Assert.Equal(one.T, t, 1e-10);
            Assert.InRange(Math.Abs(one.P - p), 0, 1e-12 * Math.Max(1, one.P));
            Assert.InRange(Math.Abs(one.N - n), 0, 1e-12 * Math.Max(1, one.N));
            var (embeddings, centres) = one.Input.Gradients();
            Assert.InRange(Rows.Gap(one.Embeddings.SelectMany(r => r), embeddings.SelectMany(r => r)), 0, 1e-10);
            Assert.InRange(Rows.Gap(one.Centres.SelectMany(r => r), centres.SelectMany(r => r)), 0, 1e-10);
        });
    }

    [Fact]
    public void Find_VariableNamesNoFile_Fails() =>
        Assert.Contains(LossVectors.Variable, Assert.Throws<FileNotFoundException>(() => LossVectors.Find(Path.Combine(_folder, "gone.json"), _folder)).Message);

    [Theory]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("""{"format":"cpf-loss-2"}""")]
    [InlineData("""{"format":"cpf-loss-1","tolerance":{},"cases":[]}""")]
    [InlineData("""{"format":"cpf-loss-1","tolerance":{},"cases":[{"name":"a","params":{}}]}""")]
    public void Find_VariableNamesAnotherKindOfFile_Fails(string text)
    {
        var path = Path.Combine(_folder, "vectors.json");
        File.WriteAllText(path, text);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => LossVectors.Find(path, _folder)).Message);
    }

    [Fact]
    public void Find_NothingThere_Null() => Assert.Null(LossVectors.Find(null, _folder));

    private static LossVectors VectorsOrSkip()
    {
        var vectors = LossVectors.Find(Environment.GetEnvironmentVariable(LossVectors.Variable), AppContext.BaseDirectory);
        Assert.SkipWhen(vectors is null, $"shared/vectors/cpf_loss.json is not beside this checkout, and {LossVectors.Variable} names no other file");
        return vectors!;
    }
}
