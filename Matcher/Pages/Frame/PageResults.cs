using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>Answers that are pages.</summary>
internal static class PageResults
{
    /// <summary>A page.</summary>
    /// <typeparam name="TPage">Its component.</typeparam>
    /// <param name="parameters">An object whose properties are the component's parameters.</param>
    public static IResult Of<TPage>(object parameters)
        where TPage : IComponent => new RazorComponentResult<TPage>(parameters);

    /// <summary>A page with another status than 200.</summary>
    public static IResult Of<TPage>(int statusCode, object parameters)
        where TPage : IComponent => new RazorComponentResult<TPage>(parameters) { StatusCode = statusCode };

    /// <summary>A page that says one thing, such as what was wrong.</summary>
    /// <param name="statusCode">Status code.</param>
    /// <param name="title">Heading.</param>
    /// <param name="text">What it says.</param>
    /// <param name="searched">What was searched, or null.</param>
    /// <param name="to">Where to go on; null: to all groups.</param>
    public static IResult Message(int statusCode, string title, string text, string? searched = null, string? to = null) =>
        new RazorComponentResult<MessagePage>(new { Title = title, Text = text, Searched = searched, To = to }) { StatusCode = statusCode };
}
