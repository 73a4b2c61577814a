using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>Where the first model on a backbone comes from; see <see cref="FirstModel.Prepare"/>.</summary>
/// <param name="order">What is wanted.</param>
/// <param name="progress">Receives each calibration picture, from any thread.</param>
/// <param name="cancellationToken">Cancels.</param>
/// <exception cref="ModelFileException">The file cannot be used; the message says what is missing.</exception>
internal delegate FirstModelFiles FirstModelSource(
    FirstModelOrder order, IProgress<PreparedPictures> progress, CancellationToken cancellationToken);
