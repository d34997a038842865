// The index of many endpoints: sorted by a click on a head, filtered by grade, severity and words. Without it the table stands as it is.
(function () {
  "use strict";
  var nav = document.querySelector("nav"), table = nav.querySelector("table"), body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows), bar = document.createElement("div");
  var said = document.createElement("p"), choices = [];

  function key(row, column) {
    var cell = row.cells[column], sort = cell.getAttribute("data-sort");
    return sort === null ? cell.textContent.toLowerCase() : Number(sort);
  }

  function sort(column, head) {
    var down = head.getAttribute("aria-sort") === "ascending";
    rows.sort(function (a, b) {
      var x = key(a, column), y = key(b, column);
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    rows.forEach(function (row) { body.appendChild(row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function filter() {
    var shown = 0;
    rows.forEach(function (row) {
      row.hidden = !choices.every(function (choice) { return choice(row); });
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = shown + " of " + rows.length + " endpoints";
  }

  function labelled(text, control) {
    var label = document.createElement("label");
    label.textContent = text + " ";
    label.appendChild(control);
    bar.appendChild(label);
    control.addEventListener("input", filter);
    return control;
  }

  function select(name, column) {
    var control = document.createElement("select"), seen = {};
    function option(text) {
      var o = document.createElement("option");
      o.textContent = o.value = text;
      control.appendChild(o);
    }
    function word(row) { var chip = row.cells[column].querySelector(".chip"); return chip ? chip.textContent : "none"; }
    option("all");
    rows.slice().sort(function (a, b) { return key(a, column) - key(b, column); }).forEach(function (row) {
      if (!seen["=" + word(row)]) { seen["=" + word(row)] = true; option(word(row)); }
    });
    labelled(name, control);
    choices.push(function (row) { return control.value === "all" || control.value === word(row); });
  }

  var words = document.createElement("input");
  words.type = "search";
  labelled("Search", words);
  choices.push(function (row) { return row.textContent.toLowerCase().indexOf(words.value.toLowerCase()) >= 0; });
  select("Grade", 0);
  select("Worst", 2);
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.addEventListener("click", function () { sort(column, cell); });
    cell.textContent = "";
    cell.appendChild(button);
  });
  bar.className = "filters";
  said.setAttribute("role", "status");
  said.className = "soft small";
  bar.appendChild(said);
  nav.insertBefore(bar, table);
  filter();
}());
