using Microsoft.Extensions.Options;

namespace OnCell.Configuration;

/// <summary>Checks the settings at start, all errors at once.</summary>
[OptionsValidator]
internal sealed partial class OnCellOptionsValidator : IValidateOptions<OnCellOptions>;
