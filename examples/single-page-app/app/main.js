document.getElementById("orders").textContent = `You see ${location.pathname}`;
