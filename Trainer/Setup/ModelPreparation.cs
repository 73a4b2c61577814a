using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>Makes a first model.</summary>
/// <param name="backbonePath">An ONNX backbone with metadata, or null for the bundled one.</param>
/// <param name="calibrationFolder">Pictures for the threshold.</param>
/// <param name="cancellationToken">Cancels.</param>
/// <exception cref="ModelFileException">The file cannot be used; the message says what is missing.</exception>
internal delegate PreparedModel ModelPreparation(string? backbonePath, string calibrationFolder, CancellationToken cancellationToken);
