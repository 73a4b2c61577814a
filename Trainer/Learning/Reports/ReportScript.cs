namespace CpfPipeline.Learning.Reports;

/// <summary>The page's script. It holds none of the characters that XML would want escaped.</summary>
internal static class ReportScript
{
    public const string Text = """
        (function () {
          "use strict";
          var tip = document.getElementById("tip");
          document.querySelectorAll("svg title").forEach(function (title) {
            title.parentNode.setAttribute("data-tip", title.textContent);
            title.remove();
          });
          var shownAt = 0;
          function hide() { tip.classList.remove("shown"); }
          function show(event) {
            var mark = event.target.closest ? event.target.closest("[data-tip]") : null;
            if (!mark) { hide(); return; }
            tip.textContent = mark.getAttribute("data-tip");
            tip.classList.add("shown");
            shownAt = window.scrollY;
            var width = document.documentElement.clientWidth;
            tip.style.left = Math.max(8, Math.min(event.clientX + 12, width - tip.offsetWidth - 8)) + "px";
            tip.style.top = Math.max(8, event.clientY - tip.offsetHeight - 12) + "px";
          }
          document.addEventListener("pointermove", show);
          document.addEventListener("pointerdown", show);
          document.addEventListener("scroll", function () { if (window.scrollY !== shownAt) { hide(); } }, { passive: true });
          document.addEventListener("pointerleave", hide);

          function sorter(table, heading, column) {
            return function () {
              var rising = heading.getAttribute("aria-sort") !== "ascending";
              var body = table.tBodies[0];
              function value(row) {
                var number = parseFloat(row.cells[column].textContent.replace(/,/g, ""));
                return isNaN(number) ? Infinity : number;
              }
              Array.from(body.rows).sort(function (a, b) {
                var x = value(a), y = value(b);
                return x === y ? 0 : rising ? x - y : y - x;
              }).forEach(function (row) { body.appendChild(row); });
              table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.setAttribute("aria-sort", "none"); });
              heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
            };
          }
          document.querySelectorAll("table.sortable").forEach(function (table) {
            Array.from(table.tHead.rows[0].cells).forEach(function (heading, column) {
              if (!heading.hasAttribute("aria-sort")) { return; }
              var button = document.createElement("button");
              button.type = "button";
              button.textContent = heading.textContent;
              button.addEventListener("click", sorter(table, heading, column));
              heading.replaceChildren(button);
            });
          });
        })();
        """;
}
