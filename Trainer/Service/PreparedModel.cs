using CpfPipeline.Vision;

namespace CpfPipeline.Trainer.Service;

/// <summary>A model that is ready to be registered.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Head">The head.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="ReportJson">How tau was found, as JSON.</param>
internal sealed record PreparedModel(BackboneFile Backbone, HeadFile Head, double Threshold, string ReportJson);
