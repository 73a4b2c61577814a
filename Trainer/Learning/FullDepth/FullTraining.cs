using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// Depth <c>full</c>: trains a backbone and a projection behind it, with the ONNX file as the only definition of the architecture. The same
/// inputs give the same result on the same device with the same number of threads, interrupted or not.
/// </summary>
public static class FullTraining
{
    /// <summary>
    /// Pictures are kept at so many times the backbone's size: crops down to 0.76 of the area lose nothing, smaller ones little.
    /// </summary>
    private const double Margin = 1.15;

    /// <param name="start">The backbone to begin with, trained or random.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="train">At least two classes.</param>
    /// <param name="validation">Chooses the weights and when to stop; classes of its own.</param>
    /// <param name="options">Checked here.</param>
    /// <param name="checkpointFolder">Where the run is kept from time to time and when cancelled, and resumed from; null: nowhere.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="decoder">Decodes the pictures.</param>
    /// <param name="time">Clock of checkpoints.</param>
    /// <param name="cancellationToken">Stops within a step or two, writing a checkpoint.</param>
    /// <param name="notice">Receives lines that a person should see: that a checkpoint is of no use, for instance.</param>
    /// <exception cref="ArgumentException">Options out of range.</exception>
    /// <exception cref="ModelFileException">The backbone has an operator that cannot be trained.</exception>
    /// <exception cref="TooLittleDataException">Too few usable pictures.</exception>
    /// <exception cref="LossIsNotFiniteException">The loss or a gradient became NaN or infinite.</exception>
    /// <exception cref="IOException">A checkpoint cannot be read or written, or a picture can no longer be read.</exception>
    public static FullTrainingResult Run(
        BackboneFile start,
        string name,
        IReadOnlyList<TrainingPicture> train,
        IReadOnlyList<TrainingPicture> validation,
        FullTrainingOptions options,
        string? checkpointFolder,
        IProgress<TrainingProgress>? progress,
        IPictureDecoder decoder,
        TimeProvider time,
        CancellationToken cancellationToken,
        Action<string>? notice = null)
    {
        options.Check();
        var input = start.Spec.Input;
        var device = TorchDevice.Choose();
        TorchDevice.Seed(options.Seed);
        TorchMemory.KeepFreed();
        progress?.Report(new TrainingProgress("reading pictures", 0, 0));
        var pictures = DecodedPictures.Open(
            [.. train.Select(p => (Func<byte[]>)(() => File.ReadAllBytes(p.Path)))], input, Margin, options.MaxCacheBytes, decoder,
            cancellationToken);
        var check = TrainingValidation.Open(validation, input, options, decoder, cancellationToken);
        var gone = pictures.Refused.Select(r => r.Picture).ToHashSet();
        var usable = Enumerable.Range(0, train.Count).Where(i => !gone.Contains(i)).ToList();
        if (usable.Select(i => options.CopiesAsPositives ? i : train[i].Class).Distinct().Count() < 2)
        {
            throw new TooLittleDataException($"of {train.Count} training pictures {usable.Count} can be used: two classes are needed");
        }

        var data = DataHash(pictures, train, check);
        using var module = OnnxModule.Load(start, name, device.Device, options.BatchNorm);
        using var net = new ProjectedBackbone(module, input, start.Spec.FeatureDim, Math.Min(options.EmbeddingDim, start.Spec.FeatureDim));
        var checkpoint = checkpointFolder is null ? null : new FullCheckpoint(checkpointFolder, RunHash(start, options, data));
        var plan = () => new BatchPlan(usable, [.. usable.Select(i => train[i].Class)], options);
        using var run = new FullTrainingRun(net, plan, pictures, check, input, options);
        var state = run.Train(checkpoint, progress, notice, time, cancellationToken);
        TensorValues.Write(net.Tensors, state.Best);
        var hash = Convert.ToHexStringLower(data);
        return new FullTrainingResult
        {
            Backbone = Export(module, start, options, state, hash, device),
            Projection = TensorValues.Read(net.Projection),
            EmbeddingDim = (int)net.Projection.shape[1],
            History = state.History,
            BestValidationF1 = state.BestF1,
            BestStep = state.BestStep,
            Device = device.Reason,
            DataHash = hash,
            Refused = pictures.Refused,
        };
    }

    private static byte[] DataHash(DecodedPictures pictures, IReadOnlyList<TrainingPicture> train, TrainingValidation check)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        pictures.AddTo(hash, i => train[i].Class);
        hash.AppendData("validation"u8);
        check.Pictures.AddTo(hash, check.ClassOf);
        return hash.GetHashAndReset();
    }

    private static byte[] RunHash(BackboneFile start, FullTrainingOptions options, byte[] data)
    {
        // How much memory is used and how often the run is kept changes nothing about it.
        var settings = options with { MaxCacheBytes = 0, CheckpointInterval = TimeSpan.Zero };
        return SHA256.HashData([.. start.Sha256.Span, .. JsonSerializer.SerializeToUtf8Bytes(settings), .. data]);
    }

    private static byte[] Export(
        OnnxModule module, BackboneFile start, FullTrainingOptions options, FullTrainingState state, string data, TorchDevice device)
    {
        var provenance = string.Create(
            CultureInfo.InvariantCulture,
            $"{start.Spec.Provenance}; trained by CpfPipeline: {options.Loss.Name}, {state.BestStep} steps of {options.ClassesPerBatch} x "
                + $"{options.PicturesPerClass}, seed {options.Seed}, data {data[..12]}, {device.Device.type}");
        var model = module.Export();
        ModelFile.WriteMetadata(model, start.Spec with { Provenance = provenance });
        var bytes = Google.Protobuf.MessageExtensions.ToByteArray(model);
        BackboneFile.Load(bytes, "the trained backbone");
        return bytes;
    }
}
