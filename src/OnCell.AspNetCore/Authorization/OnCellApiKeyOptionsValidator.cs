using Microsoft.Extensions.Options;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Checks the settings at start.</summary>
[OptionsValidator]
internal sealed partial class OnCellApiKeyOptionsValidator : IValidateOptions<OnCellApiKeyOptions>;
